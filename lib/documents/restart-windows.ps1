# Lamplighter-RestartWindows: brings one service on this host back, and says in one line each what it did.
# Exactly one way is chosen: a Windows service, a start script with the port it listens on, or a script that restarts
# the service itself. With mode `reload` a Windows service is told that its parameters have changed, and goes on.
# What a restart destroys is printed before anything is stopped. PowerShell 5.1.
#
# Exit codes (the same as in restart-linux.sh):
#   0   it is up again
#   64  the parameters are wrong; nothing was touched
#   65  the service or script is not on this host; nothing was touched
#   66  a tool that this needs is not on this host; nothing was touched
#   67  what runs could not be stopped, or must not be
#   68  the command, the start script or the restart script failed
#   69  it was started and did not come up in time
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Agents from 3.3.2746.0 hand the parameters over as environment variables; older ones replace the braces. Neither can
# inject: the document's patterns admit no quote, and Confirm-Text refuses whatever they should ever let through.
# Windows has no empty environment variables, so braces that nobody replaced mean that nothing was given.
function Get-Parameter {
  param([string] $Name, [string] $Replaced)
  $value = [Environment]::GetEnvironmentVariable("SSM_$Name")
  if ($null -eq $value) { $value = $Replaced }
  if ($value.StartsWith('{')) { return '' }
  return $value
}
$serviceName = Get-Parameter 'serviceName' '{{ serviceName }}'
$startScript = Get-Parameter 'startScript' '{{ startScript }}'
$restartScript = Get-Parameter 'restartScript' '{{ restartScript }}'
$port = Get-Parameter 'port' '{{ port }}'
$mode = Get-Parameter 'mode' '{{ mode }}'
$startTimeoutSeconds = Get-Parameter 'startTimeoutSeconds' '{{ startTimeoutSeconds }}'
$stopTimeoutSeconds = Get-Parameter 'stopTimeoutSeconds' '{{ stopTimeoutSeconds }}'

function Stop-Failed {
  param([int] $Code, [string] $Text)
  [Console]::Error.WriteLine("failed: $Text")
  exit $Code
}

function Confirm-Text {
  param([string] $Name, [string] $Value)
  if ($Value -notmatch '\A[A-Za-z0-9_.:\\-]*\z' -or $Value.StartsWith('-')) {
    Stop-Failed 64 "parameter $Name holds characters that are not allowed"
  }
}

function Confirm-Number {
  param([string] $Name, [string] $Value, [int] $Largest)
  if ($Value -notmatch '\A[1-9][0-9]{0,4}\z' -or [int] $Value -gt $Largest) {
    Stop-Failed 64 "parameter $Name must be a whole number from 1 to $Largest"
  }
}

function Get-Listener {
  param([int] $Port)
  $connections = @(Get-NetTCPConnection -State Listen -LocalPort $Port -ErrorAction SilentlyContinue)
  return @($connections | Select-Object -ExpandProperty OwningProcess -Unique)
}

# The system's own processes, this script and whatever runs it (the SSM Agent, for one) must not be stopped.
function Test-Protected {
  param([int] $ProcessId)
  if ($ProcessId -le 4) { return $true }
  $ancestor = $PID
  $seen = @()
  while ($ancestor -gt 4 -and $seen -notcontains $ancestor) {
    if ($ancestor -eq $ProcessId) { return $true }
    $seen += $ancestor
    $found = Get-CimInstance -ClassName Win32_Process -Filter "ProcessId = $ancestor" -ErrorAction SilentlyContinue
    if ($null -eq $found) { return $false }
    $ancestor = [int] $found.ParentProcessId
  }
  return $false
}

function Wait-Listener {
  param([int] $Port, [int] $Seconds, $Starter)
  $deadline = (Get-Date).AddSeconds($Seconds)
  while (@(Get-Listener $Port).Count -eq 0) {
    if ((Get-Date) -ge $deadline) { return $false }
    if ($null -ne $Starter -and $Starter.HasExited -and $Starter.ExitCode -ne 0) {
      Stop-Failed 68 "the start script failed with exit code $($Starter.ExitCode) before anything listened on port $Port"
    }
    Start-Sleep -Milliseconds 250
  }
  return $true
}

# The state and the last words of what runs now, of which the restart leaves nothing: at most some forty lines of 200
# characters. It must never fail the restart.
function Write-LookBack {
  param([string] $Of)
  Write-Output "--- before this ${mode}: $Of"
  try {
    if ($serviceName -ne '') {
      $filter = "Name = '$serviceName'"
      $found = Get-CimInstance -ClassName Win32_Service -Filter $filter -OperationTimeoutSec 3
      Write-Output "State=$($found.State) ProcessId=$($found.ProcessId) ExitCode=$($found.ExitCode)"
    } elseif ($port -ne '') {
      foreach ($holder in @(Get-Listener ([int] $port))) {
        $process = Get-Process -Id $holder
        Write-Output "process $holder $($process.ProcessName), started $($process.StartTime), $($process.WorkingSet64) bytes"
      }
      Get-Content -Path (Join-Path $logs "start-$port.log") -Tail 20 -ErrorAction SilentlyContinue | Write-Short
    }
    # Critical, error and warning of the last hour, the newest first.
    $wanted = @{ LogName = 'Application', 'System'; Level = 1, 2, 3; StartTime = (Get-Date).AddHours(-1) }
    Get-WinEvent -FilterHashtable $wanted -MaxEvents 20 -ErrorAction SilentlyContinue |
      ForEach-Object { "$($_.TimeCreated.ToString('s')) $($_.ProviderName): $($_.Message -replace '\s+', ' ')" } |
      Write-Short
  } catch {
    Write-Output "no more can be said: $($_.Exception.Message)"
  }
  Write-Output '--- end'
  Write-FullDisk
}

# Disks of this host that are filling up, as restart-linux.sh prints them.
function Write-FullDisk {
  try {
    foreach ($disk in @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType = 3' -OperationTimeoutSec 3)) {
      if ($disk.Size -gt 0) {
        $percent = [int] [math]::Ceiling(100 * ($disk.Size - $disk.FreeSpace) / $disk.Size)
        if ($percent -ge 80) { Write-Output "disk $percent % full: $($disk.DeviceID)" }
      }
    }
  } catch {
    Write-Output "how full the disks are cannot be said: $($_.Exception.Message)"
  }
}

function Write-Short {
  process { $_.Substring(0, [math]::Min(200, $_.Length)) }
}

function Invoke-ServiceReload {
  param($Service, [string] $Name)
  $running = [System.ServiceProcess.ServiceControllerStatus]::Running
  if ($Service.Status -ne $running) { Stop-Failed 67 "service $Name does not run: there is nothing that could reload" }
  # Control code 6; .NET sends only those that a service defines itself.
  $said = & sc.exe control $Name paramchange | Out-String
  if ($LASTEXITCODE -ne 0) { Stop-Failed 68 "service $Name does not take it: $($said.Trim())" }
  Write-Output "reloaded: service $Name"
  Start-Sleep -Seconds 1
  $Service.Refresh()
  if ($Service.Status -ne $running) { Stop-Failed 69 "service $Name did not stay up" }
  Write-Output "up: service $Name"
}

# Tells it to stop and waits for that; one that hangs in stopping is ended, as systemd and Docker end theirs. No cmdlet
# does it: they wait for as long as a service is pending, which one that hangs is until the agent ends this script.
function Stop-NamedService {
  param($Service, [string] $Name, [int] $Seconds)
  $stopped = [System.ServiceProcess.ServiceControllerStatus]::Stopped
  $stopping = [System.ServiceProcess.ServiceControllerStatus]::StopPending
  try {
    # One that stops already takes no second order.
    if ($Service.Status -ne $stopping) { $Service.Stop() }
    $Service.WaitForStatus($stopped, [timespan]::FromSeconds($Seconds))
    return
  } catch {
    $why = $_.Exception.Message
  }
  $Service.Refresh()
  if ($Service.Status -eq $stopped) { return }
  if ($Service.Status -ne $stopping) { Stop-Failed 67 "service $Name could not be stopped: $why" }
  $found = Get-CimInstance -ClassName Win32_Service -Filter "Name = '$Name'" -OperationTimeoutSec 5
  $holder = [int] $found.ProcessId
  if ($found.ServiceType -ne 'Own Process' -or (Test-Protected $holder)) {
    Stop-Failed 67 "service $Name did not stop within $Seconds s, and its process $holder must not be ended"
  }
  Stop-Process -Id $holder -Force -ErrorAction SilentlyContinue
  $deadline = (Get-Date).AddSeconds(5)
  while ($Service.Status -eq $stopping) {
    if ((Get-Date) -ge $deadline) { Stop-Failed 67 "process $holder of service $Name did not end" }
    Start-Sleep -Milliseconds 250
    $Service.Refresh()
  }
  Write-Output "stopped: service $Name by ending process $holder, for it did not stop within $Seconds s"
}

# What stands on it was stopped with it, for Windows stops none before those.
function Start-Dependent {
  param($Dependents)
  foreach ($one in $Dependents) {
    try {
      $one.Refresh()
      if ($one.Status -eq [System.ServiceProcess.ServiceControllerStatus]::Stopped) {
        $one.Start()
        Write-Output "started: service $($one.ServiceName), which stands on it"
      }
    } catch {
      Stop-Failed 68 "service $($one.ServiceName), which stands on it, could not be started: $($_.Exception.Message)"
    }
  }
}

function Restart-NamedService {
  param([string] $Name, [int] $StartSeconds, [int] $StopSeconds)
  $service = Get-Service -Name $Name -ErrorAction SilentlyContinue
  if ($null -eq $service) { Stop-Failed 65 "there is no service $Name on this host" }
  Write-LookBack "service $Name"
  if ($mode -eq 'reload') {
    Invoke-ServiceReload $service $Name
    return
  }
  $stopped = [System.ServiceProcess.ServiceControllerStatus]::Stopped
  $running = [System.ServiceProcess.ServiceControllerStatus]::Running
  # Windows names first what has to be stopped first.
  $dependents = @($service.DependentServices | Where-Object { $_.Status -ne $stopped })
  [array]::Reverse($dependents)
  if ($service.Status -ne $stopped) { Stop-NamedService $service $Name $StopSeconds }
  try {
    $service.Refresh()
    # Its recovery may have been faster.
    if ($service.Status -eq $stopped) { $service.Start() }
  } catch {
    Stop-Failed 68 "service $Name could not be started: $($_.Exception.Message)"
  }
  Write-Output "restarted: service $Name"
  try {
    $service.WaitForStatus($running, [timespan]::FromSeconds($StartSeconds))
    Start-Sleep -Seconds 1
    $service.Refresh()
  } catch {
    Stop-Failed 69 "service $Name did not come up within $StartSeconds s"
  }
  if ($service.Status -ne $running) { Stop-Failed 69 "service $Name did not stay up" }
  Start-Dependent $dependents
  Write-Output "up: service $Name"
}

function Stop-Listener {
  param([int] $Port, [int] $StopSeconds)
  $holders = @(Get-Listener $Port)
  if ($holders.Count -eq 0) {
    Write-Output "stopped: nothing, as nothing listens on port $Port"
    return
  }
  foreach ($holder in $holders) {
    if (Test-Protected $holder) { Stop-Failed 67 "port $Port is held by process $holder, which must not be stopped" }
  }
  # Windows has no TERM for a process without a window: it is ended, and waited for.
  foreach ($holder in $holders) { Stop-Process -Id $holder -Force -ErrorAction SilentlyContinue }
  $deadline = (Get-Date).AddSeconds($StopSeconds)
  while (@(Get-Process -Id $holders -ErrorAction SilentlyContinue).Count -gt 0) {
    if ((Get-Date) -ge $deadline) { Stop-Failed 67 "process $holders on port $Port did not end" }
    Start-Sleep -Milliseconds 250
  }
  Write-Output "stopped: process $holders"
}

# Runs a script without a window, with its output in the log.
function Start-Script {
  param([string] $Path, [string] $Log)
  $null = New-Item -ItemType Directory -Force -Path (Split-Path -Parent $Log)
  $settings = @{
    WorkingDirectory = (Split-Path -Parent $Path)
    WindowStyle = 'Hidden'
    PassThru = $true
    RedirectStandardOutput = $Log
    RedirectStandardError = "$Log.err"
  }
  if ($Path -match '\.ps1\z') {
    $settings.FilePath = 'powershell.exe'
    $settings.ArgumentList = @('-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', $Path)
  } else {
    $settings.FilePath = $Path
  }
  # What is started must not see our parameters.
  Remove-Item -Path 'Env:SSM_*'
  try {
    $started = Start-Process @settings
    $null = $started.Handle # without it the exit code is never known
  } catch {
    Stop-Failed 68 "$Path could not be started: $($_.Exception.Message)"
  }
  return $started
}

# Left running, it would be a second copy after the next attempt. What it has begun itself goes with it.
function Stop-Started {
  param($Started)
  Start-Process -FilePath 'taskkill.exe' -ArgumentList "/PID $($Started.Id) /T /F" -WindowStyle Hidden -Wait
}

function Write-Log {
  param([string] $Log)
  Get-Content -Path $Log, "$Log.err" -Tail 20 -ErrorAction SilentlyContinue | Write-Output
}

# It has the time for stopping and for starting, since it does both.
function Invoke-RestartScript {
  param([string] $Path, [string] $Port, [int] $Seconds)
  if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { Stop-Failed 65 "$Path is no file on this host" }
  $deadline = (Get-Date).AddSeconds($Seconds)
  Write-LookBack "what $Path is about to $mode"
  $log = Join-Path $logs "$(Split-Path -Leaf $Path).log"
  $started = Start-Script $Path $log
  Write-Output "started: $Path as process $($started.Id), output in $log"
  if (-not $started.WaitForExit($Seconds * 1000)) {
    Stop-Started $started
    Write-Log $log
    Stop-Failed 69 "$Path did not end within $Seconds s and has been stopped"
  }
  Write-Log $log
  if ($started.ExitCode -ne 0) { Stop-Failed 68 "$Path failed with exit code $($started.ExitCode)" }
  Write-Output "${mode}ed: by $Path"
  if ($Port -eq '') { return }
  $left = [math]::Max(1, [int] ($deadline - (Get-Date)).TotalSeconds)
  if (-not (Wait-Listener ([int] $Port) $left $null)) {
    Stop-Failed 69 "$Path is done, and nothing listens on port $Port"
  }
  Write-Output "up: port $Port is listened on"
}

function Restart-FromStartScript {
  param([string] $Path, [int] $Port, [int] $StartSeconds, [int] $StopSeconds)
  if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { Stop-Failed 65 "$Path is no file on this host" }
  $tool = Get-Command -Name Get-NetTCPConnection -ErrorAction SilentlyContinue
  if ($null -eq $tool) { Stop-Failed 66 'Get-NetTCPConnection is not on this host' }
  Write-LookBack "what listens on port $Port"
  Stop-Listener $Port $StopSeconds
  if (@(Get-Listener $Port).Count -gt 0) {
    Write-Output "up: something else has brought port $Port back; not started twice"
    return
  }
  $log = Join-Path $logs "start-$Port.log"
  $started = Start-Script $Path $log
  Write-Output "started: $Path as process $($started.Id), output in $log"
  if (-not (Wait-Listener $Port $StartSeconds $started)) {
    Stop-Started $started
    Write-Log $log
    Stop-Failed 69 "nothing listens on port $Port after $StartSeconds s; what was started has been stopped"
  }
  Write-Output "up: port $Port is listened on"
}

Confirm-Text 'serviceName' $serviceName
Confirm-Text 'startScript' $startScript
Confirm-Text 'restartScript' $restartScript
Confirm-Number 'startTimeoutSeconds' $startTimeoutSeconds 3600
Confirm-Number 'stopTimeoutSeconds' $stopTimeoutSeconds 3600
if ($mode -eq '') { $mode = 'restart' }
if (@('restart', 'reload') -notcontains $mode) { Stop-Failed 64 'mode must be restart or reload' }
if ($startScript -ne '' -and $mode -eq 'reload') {
  Stop-Failed 64 'a startScript only starts: mode reload goes with a serviceName or a restartScript'
}
if ($port -ne '') { Confirm-Number 'port' $port 65535 }
$startSeconds = [int] $startTimeoutSeconds
$stopSeconds = [int] $stopTimeoutSeconds
$logs = Join-Path $env:ProgramData 'Lamplighter'

$ways = @(@($serviceName, $startScript, $restartScript) | Where-Object { $_ -ne '' })
if ($ways.Count -ne 1) { Stop-Failed 64 'give exactly one of serviceName, startScript and restartScript' }
if ($startScript -ne '' -and $port -eq '') { Stop-Failed 64 'startScript needs port: it tells what to stop and when it is up' }
try {
  if ($serviceName -ne '') {
    Restart-NamedService $serviceName $startSeconds $stopSeconds
    if ($port -ne '' -and -not (Wait-Listener ([int] $port) $startSeconds $null)) {
      Stop-Failed 69 "service $serviceName runs, and nothing listens on port $port after $startSeconds s"
    }
  } elseif ($startScript -ne '') {
    Restart-FromStartScript $startScript ([int] $port) $startSeconds $stopSeconds
  } else {
    Invoke-RestartScript $restartScript $port ($startSeconds + $stopSeconds)
  }
} catch {
  Stop-Failed 68 "the restart ended with an error: $($_.Exception.Message)"
}
exit 0
