package access

// Role is what a key, or later a person, may do. A principal has one or several.
type Role string

// The roles. Operator is the server's; all others are an organization's.
const (
	Operator    Role = "operator"    // organizations, signing keys, server status, the whole audit
	Owner       Role = "owner"       // all of an organization, its administrators too
	Admin       Role = "admin"       // environments, keys, setup
	Developer   Role = "developer"   // sees environments, models and its own usage; keys to invoke with
	Auditor     Role = "auditor"     // reads everything of an organization, changes nothing
	Invoke      Role = "invoke"      // calls models through /v1
	Credentials Role = "credentials" // takes AWS credentials of its environments
)
