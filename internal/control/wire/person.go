package wire

import "time"

// Person is somebody who signs in to Studio.
type Person struct {
	ID       string       `json:"id" example:"usr_2e1f0a9b5f0c2d1e9a7b4c3d"`
	Login    string       `json:"login,omitempty" doc:"What a local administrator types; absent for people of the OIDC provider"`
	Name     string       `json:"name"`
	Email    string       `json:"email,omitempty"`
	Issuer   string       `json:"issuer,omitempty" doc:"The OIDC provider's"`
	Subject  string       `json:"subject,omitempty"`
	Password bool         `json:"password" doc:"Has one; otherwise only a link, or the OIDC provider, signs in"`
	Roles    []Membership `json:"roles" nullable:"false"`
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	SignedIn *time.Time   `json:"signed_in,omitempty" doc:"When a session was last begun"`
	Version  int64        `json:"version" doc:"Counts changes"`
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
	Login string `json:"login" minLength:"1" maxLength:"64" doc:"Whose: a-z, 0-9, dot, hyphen and underscore. A person of this login is made when there is none"`
	Role  string `json:"role,omitempty" enum:"operator,owner,admin,developer,auditor" doc:"Of a person who is made; default: operator, or admin in an organization"`
}

// PendingLink is a link that was made, works, and was not used yet.
type PendingLink struct {
	Login   string       `json:"login" doc:"Whose it is; a login has one at most"`
	Person  string       `json:"person,omitempty" doc:"Id of whom it is for; absent: the link makes a person"`
	Roles   []Membership `json:"roles" nullable:"false" doc:"What it opens; in an organization, only what it opens there"`
	MadeBy  LinkMaker    `json:"made_by" doc:"The link works only while they may give the roles"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"`
}

// LinkMaker is who made a link.
type LinkMaker struct {
	ID   string `json:"id" doc:"Of a person or an API key; system is the server itself"`
	Name string `json:"name,omitempty"`
}

// Link signs in once, within minutes. It is shown this once.
type Link struct {
	URL     string    `json:"url" doc:"Where to open it; it is not kept and cannot be shown again"`
	Login   string    `json:"login"`
	Expires time.Time `json:"expires"`
}
