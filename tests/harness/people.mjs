// Who signs in.

export const alice = { username: 'alice', email: 'alice@example.org', name: 'Alice Example', password: 'correct horse battery staple' };
export const bob = { username: 'bob', email: 'bob@example.org', name: 'Bob Example', password: 'a different long pass phrase' };
