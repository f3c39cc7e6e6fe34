package control

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/tenant"
)

// Activity knows what environments did last.
type Activity interface {
	// Activity returns it by the ids of the organization's environments: of those
	// with the ids, or of all where ids is nil.
	Activity(ctx context.Context, organization string, ids []string) (map[string]tenant.Activity, error)
}

// showEnv is an environment as clients see it, with what AWS must trust.
func (a *api) showEnv(e tenant.Environment, did tenant.Activity) wire.Environment {
	w := wire.Environment{
		ID: e.ID, Organization: e.Organization, Name: e.Name, Description: e.Description, Provider: e.Provider,
		Region: e.Region, RoleARN: e.RoleARN, Audiences: listed(e.Audiences), SessionSeconds: int(e.Session / time.Second),
		Models: listed(e.Models), InvokeNames: []string{},
		Limits:      wire.Limits{PerMinute: e.Limits.PerMinute, Concurrent: e.Limits.Concurrent},
		SessionName: string(e.SessionName), SessionTags: e.SessionTags, Tags: e.Tags,
		State: string(e.State), Why: e.Why, Probed: moment(e.Probed),
		Issuer: a.s.Issuer.URL(), Subject: subject(e),
		Created: e.Created.UTC(), Updated: e.Updated.UTC(), Version: e.Version,
	}
	for _, id := range e.Models {
		if callable(id) {
			w.InvokeNames = append(w.InvokeNames, e.Name+"/"+id)
		}
	}
	if len(e.Audiences) > 0 {
		w.Audience = e.Audiences[0]
	}
	if e.Accepted != nil {
		w.Accepted = &wire.Acceptance{By: e.Accepted.By, Reason: e.Accepted.Reason, At: e.Accepted.At.UTC(), RoleARN: e.Accepted.RoleARN}
	}
	w.Activity = showActivity(did)
	return w
}

// showActivity is absent where nothing was done.
func showActivity(did tenant.Activity) *wire.Activity {
	if did.Exchanged.IsZero() {
		return nil
	}
	return &wire.Activity{
		Exchanged: moment(did.Exchanged), Outcome: did.Outcome, Why: did.Why, RequestID: did.RequestID, Succeeded: moment(did.Succeeded),
	}
}

// callable reports whether /v1 can make vectors with a model of that id. An ARN
// that does not tell its model needs model_family, which only spicepod.yaml has.
func callable(id string) bool {
	parsed, err := model.ParseID(id)
	if err != nil {
		return false
	}
	_, err = model.Find(parsed, "")
	return err == nil
}

// subject is the sub of an environment's tokens.
func subject(e tenant.Environment) string { return "env:" + e.Organization + ":" + e.ID }

// listed keeps an empty list from being written as null.
func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// moment is a time on the wire; the zero one is absent.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
