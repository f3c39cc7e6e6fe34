package bedrock_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/secret"
)

// keys hands out the emulator's key, and counts what was dropped.
type keys struct {
	mu      sync.Mutex
	now     emulator.Key
	renewed func() emulator.Key
	dropped int
}

func (k *keys) Credentials(context.Context, caller.Caller) (credential.Credentials, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return credential.Credentials{
		AccessKeyID: k.now.AccessKeyID, SecretAccessKey: secret.New(k.now.SecretAccessKey), SessionToken: secret.New(k.now.SessionToken),
		Identity: "key:" + k.now.AccessKeyID, Account: "111122223333", Source: "test",
	}, nil
}

func (k *keys) Drop(credential.Credentials) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropped++
	if k.renewed != nil {
		k.now = k.renewed()
	}
}

// bench is a client over an emulator in memory, in virtual time.
type bench struct {
	t       *testing.T
	aws     *emulator.Emulator
	client  *bedrock.Client
	limiter *limit.Limiter
	keys    *keys
	target  *bedrock.Target
	params  model.Params
}

// inVirtualTime runs a test with a client for the model over an emulator.
func inVirtualTime(t *testing.T, id string, set map[string]string, limits limit.Limits, test func(*bench), opts ...emulator.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		aws, err := emulator.New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{t: t, aws: aws, client: bedrock.NewClient(bedrock.Options{Transport: aws.Transport()}), limiter: limit.New(nil), keys: &keys{now: aws.DefaultKey()}}
		parsed, err := model.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		family, err := model.Find(parsed, "")
		if err != nil {
			t.Fatal(err)
		}
		if b.target, err = bedrock.NewTarget("m", parsed, family, "us-east-1", bedrock.Endpoints{}, b.keys); err != nil {
			t.Fatal(err)
		}
		if b.params, err = family.Resolve(set); err != nil {
			t.Fatal(err)
		}
		b.limiter.Configure(map[limit.Key]limit.Limits{b.key(): limits})
		test(b)
	})
}

var roomy = limit.Limits{PerMinute: 10_000, Concurrent: 40}

func (b *bench) key() limit.Key {
	return limit.Key{Account: "111122223333", Region: "us-east-1", Model: b.target.ID.QuotaModel()}
}

// embed runs one job with a deadline of ten minutes.
func (b *bench) embed(texts ...string) (*bedrock.Result, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Minute)
	defer cancel()
	return b.embedWithin(ctx, texts...)
}

func (b *bench) embedWithin(ctx context.Context, texts ...string) (*bedrock.Result, error) {
	b.t.Helper()
	deadline, _ := ctx.Deadline()
	plan, err := b.limiter.Plan(b.key(), roomy, "local", b.target.Calls(texts), deadline)
	if err != nil {
		b.t.Fatal(err)
	}
	defer plan.Close()
	return b.client.Embed(ctx, &bedrock.Job{Caller: caller.Local(), Target: b.target, Params: b.params, Texts: texts, Plan: plan})
}

// invokes returns the trail's InvokeModel calls.
func (b *bench) invokes() []emulator.Event {
	var out []emulator.Event
	for _, e := range b.aws.Trail() {
		if e.Operation == "InvokeModel" {
			out = append(out, e)
		}
	}
	return out
}

// planFor plans one call within the context's deadline, if it has one.
func planFor(l *limit.Limiter, key limit.Key, ctx context.Context) (*limit.Plan, error) { //nolint:revive // the context is only read
	deadline, _ := ctx.Deadline()
	return l.Plan(key, limit.Limits{}, "local", 1, deadline)
}
