package wire

import "time"

// AuditRow is one event of the audit.
type AuditRow struct {
	Seq          int64             `json:"seq"`
	Time         time.Time         `json:"time"`
	Organization string            `json:"organization,omitempty" doc:"Organization of the event; absent: the server"`
	Actor        AuditActor        `json:"actor"`
	Action       string            `json:"action" example:"environment.create"`
	Target       string            `json:"target,omitempty"`
	Outcome      string            `json:"outcome" example:"ok"`
	Details      map[string]string `json:"details,omitempty"`
	MAC          string            `json:"mac" doc:"The row's link in the chain, in hexadecimal"`
}

// AuditActor is who did it.
type AuditActor struct {
	Organization string `json:"organization,omitempty"`
	Key          string `json:"key" doc:"Id of the API key, trusted issuer or person, or system; empty when it is unknown or somebody outside the organization"`
	Name         string `json:"name,omitempty"`
	Address      string `json:"address,omitempty"`
}

// AuditPruneInput says what of the audit is to go.
type AuditPruneInput struct {
	Before time.Time `json:"before" doc:"Remove rows before this time, at least 30 days ago"`
}

// AuditCheckpoint stands for the rows that were pruned.
type AuditCheckpoint struct {
	Seq int64      `json:"seq" doc:"The last row that was pruned; 0: none"`
	At  *time.Time `json:"at,omitempty" doc:"When"`
}

// AuditVerification says whether the audit is as it was written.
type AuditVerification struct {
	Sound bool   `json:"sound" doc:"Nothing was altered, removed, moved or cut off"`
	Rows  int64  `json:"rows" doc:"Number of verified rows"`
	Bad   int64  `json:"bad_seq,omitempty" doc:"The first row that failed verification"`
	Why   string `json:"why,omitempty"`
	// Pruned is the last row of the beginning that was pruned; 0: none was.
	Pruned int64 `json:"pruned_seq,omitempty"`
	// Head and HeadMAC are the end of the chain. Kept elsewhere, they show later
	// whether the whole database was put back to an earlier day.
	Head    int64  `json:"head_seq"`
	HeadMAC string `json:"head_mac,omitempty"`
}
