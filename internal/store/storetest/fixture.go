package storetest

import (
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/tenant"
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

// Event returns one with every field set.
func Event(organization, action string) audit.Event {
	return audit.Event{
		Time: Now(), Organization: organization, Actor: audit.Actor{Organization: organization, Key: ident.New(ident.Key), Name: "ci", Address: "192.0.2.7"},
		Action: action, Target: "env_5f0c2d1e9a7b4c3d2e1f0a9b", Outcome: "ok", Details: map[string]string{"region": "eu-central-1"},
	}
}
