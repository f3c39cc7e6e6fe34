package storetest

import (
	"crypto/sha256"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/signin"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
)

// Now is the time of the suite, to the microsecond.
func Now() time.Time { return time.Date(2026, 11, 22, 8, 30, 15, 123456000, time.UTC) }

// Organization returns one with every field set.
func Organization(name string) tenant.Organization {
	return tenant.Organization{
		ID: ident.New(ident.Organization), Name: name, Description: "Größe, 大きさ, 🙂 and a 'quote'", PlainUsers: true,
		Created: Now(), Updated: Now().Add(time.Second), Version: 1,
	}
}

// Environment returns one with every field set.
func Environment(organization, name string) tenant.Environment {
	arn := "arn:aws:iam::123456789012:role/adit/" + name
	return tenant.Environment{
		ID: ident.New(ident.Environment), Organization: organization, Name: name, Description: "the line\nof production",
		Provider: "bedrock", Region: "eu-central-1", RoleARN: arn, Audiences: []string{"bedrock", "https://example.com/\"x\""},
		Session: 90 * time.Minute, Models: []string{"cohere.embed-v4:0"}, Limits: caller.Limits{PerMinute: 600, Concurrent: 7},
		SessionName: tenant.ByUser, SessionTags: true, Tags: map[string]string{"cost-center": "4711", "team": "Ä"},
		State: tenant.Unsafe, Why: "the role lets foreign subjects in", Probed: Now(),
		Accepted: &tenant.Acceptance{By: ident.New(ident.Key), Reason: "until Monday", At: Now(), RoleARN: arn},
		Created:  Now(), Updated: Now().Add(time.Minute), Version: 1,
	}
}

// Key returns one with every field set.
func Key(organization, name string) access.Key {
	return access.Key{
		ID: ident.New(ident.Key), Organization: organization, Name: name, Roles: []access.Role{access.Invoke, access.Credentials},
		Environments: []string{ident.New(ident.Environment)}, Models: []string{"titan"}, Limits: caller.Limits{PerMinute: 60},
		Tags:    map[string]string{"team": "search"},
		Secrets: []access.Secret{{MAC: []byte{0, 1, 254, 255}, Created: Now()}, {MAC: []byte{9}, Created: Now(), Expires: Now().Add(time.Hour)}},
		Created: Now(), Updated: Now(), Expires: Now().AddDate(1, 0, 0), Version: 1,
	}
}

// Person returns a local one with every field set but SignedIn, who has the
// roles; without any, of an operator.
func Person(login string, roles ...signin.Membership) signin.Person {
	if len(roles) == 0 {
		roles = []signin.Membership{{Role: access.Operator}}
	}
	return signin.Person{
		ID: ident.New("usr"), Login: login, Name: "Ädä 'L' " + login, Email: login + "@example.com", Password: phc(),
		Roles: roles, Created: Now(), Updated: Now().Add(time.Second), Version: 1,
	}
}

// phc is of no password: its salt is "salt" and its hash "hash".
func phc() string { return "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA" }

// Session returns one with every field set; its hash is of its id.
func Session(person string) signin.Session {
	id := ident.New("ses")
	hash := sha256.Sum256([]byte(id))
	return signin.Session{
		ID: id, Hash: hash[:], Person: person, Method: "password", Address: "192.0.2.7", Agent: "Mozilla/5.0 (X11; Linux)",
		Created: Now(), Seen: Now().Add(time.Minute), Ends: Now().AddDate(0, 0, 7),
	}
}

// Link returns one for ten minutes, for a login that nobody has.
func Link(login string) signin.Link {
	hash := sha256.Sum256([]byte(ident.New("lnk")))
	return signin.Link{
		Hash: hash[:], Login: login, Roles: []signin.Membership{{Role: access.Operator}, {Organization: "org_1", Role: access.Owner}},
		Created: Now(), Expires: Now().Add(10 * time.Minute), By: audit.System(),
	}
}

// LinkTo returns one for the person as they are.
func LinkTo(p signin.Person) signin.Link {
	l := Link(p.Login)
	l.Roles, l.Version = nil, p.Version
	return l
}

// Trust returns a trusted issuer with every field set.
func Trust(organization, name string) trust.Issuer {
	return trust.Issuer{
		ID: ident.New("tru"), Organization: organization, Name: name, URL: "https://token.actions.githubusercontent.com",
		Subject: "repo:acme/*:ref:refs/heads/main", Environments: []string{ident.New(ident.Environment)}, Models: []string{"titan"},
		Limits: caller.Limits{PerMinute: 60}, Tags: map[string]string{"team": "search"}, Created: Now(), Updated: Now().Add(time.Second), Version: 1,
	}
}

// Budget returns one with every field set.
func Budget(organization, target string) budget.Budget {
	return budget.Budget{
		ID: ident.New("bud"), Organization: organization, Target: target, Period: budget.Month, Soft: 80_000_000_000, Hard: 100_000_000_001,
		Created: Now(), Updated: Now().Add(time.Second), Version: 1,
	}
}

// Event returns one with every field set.
func Event(organization, action string) audit.Event {
	return audit.Event{
		Time: Now(), Organization: organization, Actor: audit.Actor{Organization: organization, Key: ident.New(ident.Key), Name: "ci", Address: "192.0.2.7"},
		Action: action, Target: "env_5f0c2d1e9a7b4c3d2e1f0a9b", Outcome: "ok", Details: map[string]string{"region": "eu-central-1"},
	}
}
