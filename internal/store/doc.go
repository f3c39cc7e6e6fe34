// Package store keeps the server's state in SQLite or PostgreSQL: organizations,
// environments, API keys, people and their sessions, trusted issuers, budgets,
// signing keys, sealed records, the audit chain and usage. It implements the
// Store interfaces of the rooms that own those things.
//
// One hand-written SQL text serves both engines; they differ only in how they
// are opened, how their errors read, and what keeps two servers from migrating
// at once (sqlite.go, postgres.go, migrate.go). The contract suite in storetest
// holds them to the same answers.
//
// A change is one transaction: the rows, the audit events that tell of it, and
// the next revision, or nothing of them. What changes all the time (activity,
// usage) is written in batches and leaves the revision alone, and so do people,
// whom servers do not keep in memory.
//
// It does not know what a row means: which names are good, which key may sign,
// who may see what. It seals nothing and opens nothing; what it is given sealed
// it keeps sealed.
package store
