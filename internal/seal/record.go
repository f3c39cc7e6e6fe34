package seal

import "context"

// Record is a random secret of the server, sealed under the master key.
type Record struct {
	ID      string // unique; what the seal is bound to, with Purpose and State
	Purpose string // such as "api-key-pepper"
	State   string
	Sealed  []byte
}

// Store keeps sealed records.
type Store interface {
	// SealedRecords returns all of them.
	SealedRecords(ctx context.Context) ([]Record, error)
	// AddSealedRecord writes a record, unless one of its purpose is there; it returns the one that is kept.
	AddSealedRecord(ctx context.Context, r Record) (Record, error)
}
