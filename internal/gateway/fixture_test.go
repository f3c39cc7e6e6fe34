package gateway_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/telemetry"
)

const account = "111122223333"

// keys hands out the emulator's key; the account is known from the start unless told otherwise.
type keys struct {
	key     emulator.Key
	account atomic.Pointer[string]
	expires time.Time
	takes   atomic.Int64 // how long they take, in nanoseconds
}

func (k *keys) Credentials(context.Context, caller.Caller) (credential.Credentials, error) {
	time.Sleep(time.Duration(k.takes.Load()))
	return credential.Credentials{AccessKeyID: k.key.AccessKeyID, SecretAccessKey: secret.New(k.key.SecretAccessKey),
		Identity: "key:" + k.key.AccessKeyID, Account: *k.account.Load(), Source: "test", Expires: k.expires}, nil
}

func (k *keys) Drop(credential.Credentials) {}

// rig is a gateway over an emulator in memory, in virtual time.
type rig struct {
	t       *testing.T
	aws     *emulator.Emulator
	keys    *keys
	log     *strings.Builder
	metrics *telemetry.Metrics
	*gateway.Gateway
}

func inVirtualTime(t *testing.T, test func(*rig), opts ...emulator.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		aws, err := emulator.New(append([]emulator.Option{emulator.WithTrailSize(1_000_000)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		logger := slog.New(slog.NewTextHandler(&log, nil))
		metrics := telemetry.NewMetrics()
		r := &rig{t: t, aws: aws, keys: &keys{key: aws.DefaultKey()}, log: &log, metrics: metrics,
			Gateway: gateway.New(bedrock.NewClient(bedrock.Options{Transport: aws.Transport(), Log: logger}), limit.New(logger), metrics, logger)}
		r.knowAccount(account)
		test(r)
	})
}

func (r *rig) knowAccount(a string) { r.keys.account.Store(&a) }

// model describes a model for SetModels.
func (r *rig) model(name, id string, limits limit.Limits, set map[string]string) gateway.Model {
	r.t.Helper()
	parsed, err := model.ParseID(id)
	if err != nil {
		r.t.Fatal(err)
	}
	familyName := ""
	if parsed.Opaque() {
		familyName = "cohere-v3"
	}
	family, err := model.Find(parsed, familyName)
	if err != nil {
		r.t.Fatal(err)
	}
	target, err := bedrock.NewTarget(name, parsed, family, "us-east-1", bedrock.Endpoints{}, r.keys)
	if err != nil {
		r.t.Fatal(err)
	}
	return gateway.Model{Name: name, Target: target, Set: set, Limits: limits}
}

func (r *rig) set(models ...gateway.Model) {
	r.t.Helper()
	if err := r.SetModels(models); err != nil {
		r.t.Fatal(err)
	}
}

// ask embeds with the deadline that a request has by default.
func (r *rig) ask(name string, texts ...string) (*gateway.Response, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Minute)
	defer cancel()
	return r.Embed(ctx, caller.Local(), gateway.Request{Model: name, Texts: texts})
}

// calls returns when AWS saw each InvokeModel call.
func (r *rig) calls() []emulator.Event {
	var out []emulator.Event
	for _, e := range r.aws.Trail() {
		if e.Operation == "InvokeModel" {
			out = append(out, e)
		}
	}
	return out
}

// busiestMinute is the most calls that any rolling 60 seconds held.
func busiestMinute(events []emulator.Event) int {
	most, first := 0, 0
	for i, e := range events {
		for e.Time.Sub(events[first].Time) >= time.Minute {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("text %d", i)
	}
	return out
}

const (
	titan  = "amazon.titan-embed-text-v2:0"
	cohere = "cohere.embed-english-v3"
)

var documented = limit.Limits{PerMinute: 1500, Concurrent: 40}
