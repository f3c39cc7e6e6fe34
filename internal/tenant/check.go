package tenant

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// The bounds of an environment. Those of audiences are AWS's client ids (IAM
// API reference, CreateOpenIDConnectProvider: at most 255 characters each);
// those of a session are DurationSeconds (STS API reference, AssumeRoleWithWebIdentity).
const (
	maxAudiences  = 20
	maxAudience   = 255
	minSession    = 15 * time.Minute
	maxSession    = 12 * time.Hour
	maxModels     = 200
	maxPerMinute  = 10_000_000
	maxConcurrent = 1_000_000
)

// check notes all that is wrong with an environment as it would be.
func (e *Environment) check(f *fault.Inputs, at fields) {
	checkName(f, e.Name)
	checkText(f, "description", e.Description, maxDescription)
	if e.Provider != DefaultProvider {
		f.Add("provider", "the only supported provider is bedrock")
	}
	checkRole(f, at.role, e.RoleARN, checkRegion(f, at.region, e.Region))
	checkAudiences(f, e.Audiences)
	if e.Session < minSession || e.Session > maxSession || e.Session%time.Second != 0 {
		f.Add("session_seconds", "the session duration must be 900 (15 minutes) to 43200 (12 hours) whole seconds")
	}
	checkModels(f, e.Models, e.Region)
	if e.Limits.PerMinute < 0 || e.Limits.PerMinute > maxPerMinute {
		f.Add("limits.requests_per_minute", "the limit of requests per minute must be 0 (none) to %d", maxPerMinute)
	}
	if e.Limits.Concurrent < 0 || e.Limits.Concurrent > maxConcurrent {
		f.Add("limits.max_concurrent", "the limit of concurrent requests must be 0 (none) to %d", maxConcurrent)
	}
	switch e.SessionName {
	case ByEnvironment, ByKey, ByUser:
	default:
		f.Add("session_name", "the session name must be environment, key or user")
	}
	checkTags(f, e.Tags)
}

func checkAudiences(f *fault.Inputs, audiences []string) {
	if len(audiences) == 0 || len(audiences) > maxAudiences {
		f.Add("audiences", "an environment must have 1 to %d audiences", maxAudiences)
		return
	}
	seen := map[string]bool{}
	for _, a := range audiences {
		switch {
		case a == "" || utf8.RuneCountInString(a) > maxAudience || strings.ContainsRune(a, ' ') || !plain(a):
			f.Add("audiences", "an audience must have 1 to %d printable characters and no spaces", maxAudience)
		case seen[a]:
			f.Add("audiences", "the audience %.80q is listed twice", a)
		}
		seen[a] = true
	}
}

// checkModels: an ARN of another region cannot be invoked from this one.
func checkModels(f *fault.Inputs, models []string, region string) {
	if len(models) > maxModels {
		f.Add("models", "there are %d models; at most %d can be enabled", len(models), maxModels)
		return
	}
	seen := map[string]bool{}
	for _, m := range models {
		id, err := model.ParseID(m)
		if err != nil {
			f.Add("models", "%s", tame(fault.From(err).Sentence()))
			continue
		}
		if arn, ok := id.ARN(); ok && arn.Region != region {
			f.Add("models", "%s is in region %s, but the environment is in %.32q and cannot invoke it", m, arn.Region, region)
		}
		if seen[m] {
			f.Add("models", "the model %s is listed twice", m)
		}
		seen[m] = true
	}
}

func (o *Organization) check(f *fault.Inputs) {
	checkName(f, o.Name)
	checkText(f, "description", o.Description, maxDescription)
}
