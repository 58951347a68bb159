// Replaces the cache for discovered endpoints in a bundle: Lamplighter never asks DynamoDB for endpoints.

/** Constructed with every client and never used; a call would fail, because there are no methods. */
export class EndpointCache {}
