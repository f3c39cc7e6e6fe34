package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

// quotas knows what AWS counts each model's calls against: an account, a region
// and a quota model. The account is told with the credentials; until then the
// credential identity stands for it. The quota model behind an application
// inference profile is told by AWS; until then the profile's name stands for it.
type quotas struct {
	limiter  *limit.Limiter
	log      *slog.Logger
	profiles profiles

	mu      sync.Mutex
	entries map[place]*entry // those in force
	keys    map[place]limit.Key
	told    map[limit.Key]limit.Limits // the conflicts of limits that the log has
}

// quotaKey is what an entry's calls are counted against, as far as is known.
type quotaKey struct {
	limit.Key
	askAgain time.Time // when AWS is to be asked whose quota it is; zero: it is certain
}

// due says that AWS is to be asked again.
func (k *quotaKey) due() bool { return !k.askAgain.IsZero() && !time.Now().Before(k.askAgain) }

// key returns the entry's key, and tells the limiter when it is new. Its only
// errors are those of a ctx that ended.
func (q *quotas) key(ctx context.Context, e *entry, creds credential.Credentials) (limit.Key, error) {
	account := creds.Account
	if account == "" {
		account = creds.Identity
	}
	if known := e.key.Load(); known != nil && known.Account == account && !known.due() {
		return known.Key, nil
	}
	failed := q.profiles.ask(ctx, e.Target, creds)
	if err := ctx.Err(); err != nil {
		return limit.Key{}, fault.From(err)
	}
	return q.learn(e, account, creds, failed), nil
}

// learn works out the entry's key from what is known now, and puts it in force.
func (q *quotas) learn(e *entry, account string, creds credential.Credentials, failed error) limit.Key {
	q.mu.Lock()
	defer q.mu.Unlock()
	name, certain := q.profiles.quotaModel(e.Target) // looked up here: another's answer may have come meanwhile
	key := &quotaKey{Key: limit.Key{Account: account, Region: e.Target.Region, Model: name}}
	if !certain {
		key.askAgain = time.Now().Add(profileAgain)
		if was := e.key.Load(); was == nil || was.askAgain.IsZero() {
			q.log.Warn("AWS does not report whose quota an inference profile uses; it has a separate limit until AWS does",
				"model", e.Name, "why", failed, "remedy", "allow bedrock:GetInferenceProfile, as `adit models --iam-policy` prints it")
		}
	}
	// What was spent under a name that only stood for the key counts for it. An
	// environment's credentials always tell the account; their identities are as
	// many as callers.
	standIns := []string{account}
	if e.Environment == nil {
		standIns = append(standIns, creds.Identity)
	}
	for _, standIn := range standIns {
		for _, model := range []string{name, e.Target.ID.QuotaModel()} {
			if from := (limit.Key{Account: standIn, Region: key.Region, Model: model}); from != key.Key {
				q.limiter.Merge(from, key.Key)
			}
		}
	}
	// Where the entry is of an older configuration, it plans under its own limits;
	// and what is in force already is not worked out again for all models.
	if at := e.place(); q.entries[at] == e && q.keys[at] != key.Key {
		q.keys[at] = key.Key
		q.configure()
	}
	e.key.Store(key) // last: who reads it may plan with it at once
	return key.Key
}

// replace takes the models of a new configuration. One that had a key keeps it,
// so that its limit is in force at once and its window goes on; one whose
// account is configured has its key from the start.
func (q *quotas) replace(s *snapshot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	old, before := q.keys, q.entries
	q.keys = make(map[place]limit.Key, len(s.entries))
	q.entries = make(map[place]*entry, len(s.entries))
	for _, e := range s.entries {
		at := e.place()
		q.entries[at] = e
		if was, ok := old[at]; ok && e.follows(before[at]) {
			q.keys[at] = was
			continue
		}
		name, certain := q.profiles.quotaModel(e.Target)
		if account := e.account(); account != "" && certain {
			q.keys[at] = limit.Key{Account: account, Region: e.Target.Region, Model: name}
		}
	}
	q.configure()
}

// counted is what AWS must count together, whatever the account is.
type counted struct {
	credentials bedrock.Credentials
	region      string
	model       string
}

func (e *entry) counted() counted {
	return counted{e.Target.Credentials, e.Target.Region, e.Target.ID.QuotaModel()}
}

// allKeys returns the key of every model, as far as they are known. A model not
// called yet has that of another one whose calls AWS must count together with
// its own, so that its limit is in force all the same.
func (q *quotas) allKeys() map[*entry]limit.Key {
	together := make(map[counted]limit.Key, len(q.keys))
	for at, key := range q.keys {
		together[q.entries[at].counted()] = key
	}
	all := make(map[*entry]limit.Key, len(q.entries))
	for at, e := range q.entries {
		key, ok := q.keys[at]
		if !ok {
			key, ok = together[e.counted()]
		}
		if ok {
			all[e] = key
		}
	}
	return all
}

// configure gives the limiter all keys with their limits. Models that share a
// quota share its smallest limit; where all of theirs are assumed, the largest.
func (q *quotas) configure() {
	stated, assumed := make(map[limit.Key]limit.Limits), make(map[limit.Key]limit.Limits)
	conflicts := map[limit.Key]limit.Limits{}
	for e, key := range q.allKeys() {
		if e.Assumed {
			had := assumed[key]
			assumed[key] = limit.Limits{PerMinute: max(had.PerMinute, e.Limits.PerMinute), Concurrent: max(had.Concurrent, e.Limits.Concurrent)}
			continue
		}
		had, ok := stated[key]
		if !ok {
			stated[key] = e.Limits
			continue
		}
		least := limit.Limits{PerMinute: min(had.PerMinute, e.Limits.PerMinute), Concurrent: min(had.Concurrent, e.Limits.Concurrent)}
		if had != e.Limits {
			conflicts[key] = least
		}
		stated[key] = least
	}
	q.tell(conflicts)
	for key, limits := range assumed {
		if _, ok := stated[key]; !ok {
			stated[key] = limits
		}
	}
	q.limiter.Configure(stated)
}

// tell logs the conflicts that it did not log before: all models are set anew
// with every change of any environment.
func (q *quotas) tell(conflicts map[limit.Key]limit.Limits) {
	for key, least := range conflicts {
		if had, ok := q.told[key]; !ok || had != least {
			q.log.Warn("models that share one AWS quota have different limits; the smallest applies to all",
				"account", key.Account, "region", key.Region, "quota", key.Model, "requests_per_min", least.PerMinute, "concurrent", least.Concurrent)
		}
	}
	q.told = conflicts
}
