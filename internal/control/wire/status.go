package wire

import "time"

// Status is how the server is.
type Status struct {
	Version       string         `json:"version"`
	Started       time.Time      `json:"started"`
	Database      Database       `json:"database"`
	Issuer        IssuerStatus   `json:"issuer"`
	Organizations int            `json:"organizations"`
	Environments  map[string]int `json:"environments" doc:"Number in each state"`
}

// Database is where the state is kept.
type Database struct {
	Kind     string `json:"kind" doc:"sqlite or postgres"`
	Revision int64  `json:"revision" doc:"Increases with every configuration change"`
	// AgeSeconds is how long ago the database was last seen to have this revision.
	AgeSeconds int    `json:"age_seconds"`
	Problem    string `json:"problem,omitempty" doc:"Why it cannot be read now"`
}

// IssuerStatus is how the identity provider is.
type IssuerStatus struct {
	URL  string       `json:"url"`
	Keys []SigningKey `json:"keys" nullable:"false"`
	// Fetched is when each document was last asked for, by its name.
	Fetched map[string]time.Time `json:"fetched,omitempty"`
}

// WhoAmI is who asked: the holder of an API key, or a person who is signed in.
type WhoAmI struct {
	Key          string   `json:"key" doc:"Id of the API key, or of the person"`
	Person       string   `json:"person,omitempty" doc:"Id of the person; absent for an API key"`
	Name         string   `json:"name"`
	Organization string   `json:"organization,omitempty" doc:"Absent for the operator"`
	Roles        []string `json:"roles" nullable:"false"`
	Permissions  []string `json:"permissions" nullable:"false"`
}
