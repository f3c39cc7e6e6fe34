// Package migrations holds the schema of the database, step by step, in one SQL
// text for SQLite and PostgreSQL.
//
// It does not know how or when a step is taken.
package migrations
