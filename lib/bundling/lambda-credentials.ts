// Replaces the SDK's whole credential chain in a bundle: in Lambda, credentials are in the environment and nowhere
// else.
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
