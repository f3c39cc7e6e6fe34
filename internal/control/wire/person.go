package wire

import "time"

// Person is somebody who signs in to Studio.
type Person struct {
	ID       string       `json:"id" example:"usr_2e1f0a9b5f0c2d1e9a7b4c3d"`
	Login    string       `json:"login,omitempty" doc:"Login of a local administrator; absent for people of the OIDC provider"`
	Name     string       `json:"name"`
	Email    string       `json:"email,omitempty"`
	Issuer   string       `json:"issuer,omitempty" doc:"The OIDC provider's URL"`
	Subject  string       `json:"subject,omitempty"`
	Password bool         `json:"password" doc:"Has a password; otherwise only a link or the OIDC provider can sign in"`
	Roles    []Membership `json:"roles" nullable:"false"`
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	SignedIn *time.Time   `json:"signed_in,omitempty" doc:"Time of the last sign-in"`
	Version  int64        `json:"version" doc:"Increases with every change"`
}

// Membership is a role in an organization.
type Membership struct {
	Organization string `json:"organization,omitempty" doc:"Id; absent with the role operator"`
	Role         string `json:"role" enum:"operator,owner,admin,developer,auditor"`
}

// MemberPatch changes the role of a person in one organization.
type MemberPatch struct {
	Role string `json:"role" enum:"owner,admin,developer,auditor"`
}

// LinkInput asks for a link that signs in once.
type LinkInput struct {
	Login string `json:"login" minLength:"1" maxLength:"64" doc:"Login of the person: a-z, 0-9, dot, hyphen and underscore. Created if it does not exist"`
	Role  string `json:"role,omitempty" enum:"operator,owner,admin,developer,auditor" doc:"Role of a person who is created; default: operator, or admin in an organization"`
}

// PendingLink is a link that was made, works, and was not used yet.
type PendingLink struct {
	Login   string       `json:"login" doc:"Login it is for; a login has at most one"`
	Person  string       `json:"person,omitempty" doc:"Id of the person it is for; absent: the link creates a person"`
	Roles   []Membership `json:"roles" nullable:"false" doc:"Roles it gives; in an organization, only those there"`
	MadeBy  LinkMaker    `json:"made_by" doc:"The link works only while its creator may give the roles"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"`
	// Revocable depends on who asks: on roles elsewhere too, which are not shown.
	Revocable bool `json:"revocable" doc:"Whether you may take it back: all roles that it opens are yours to give, those in other organizations too"`
}

// LinkMaker is who made a link.
type LinkMaker struct {
	ID   string `json:"id" doc:"Id of a person or an API key; system is the server itself"`
	Name string `json:"name,omitempty"`
}

// Link signs in once, within minutes. It is shown this once.
type Link struct {
	URL     string    `json:"url" doc:"Where to open it; it is not stored and cannot be shown again"`
	Login   string    `json:"login"`
	Expires time.Time `json:"expires"`
}
