package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/usage"
)

const overviewURL = base + "/organizations/ours/overview"

func overviewOf(t testing.TB, h http.Handler, who string) wire.Overview {
	t.Helper()
	return read[wire.Overview](t, ask(t, h, who, "GET", overviewURL, ""), http.StatusOK)
}

func TestAnOverviewOfAQuietOrganizationHasEveryHourAndNothingToMend(t *testing.T) {
	w := newWorld()
	for _, hours := range []int{-24, -23, -1, 0} {
		w.usage = append(w.usage, usage.Record{Hour: start().Add(time.Duration(hours) * time.Hour), Organization: ours, Key: "key_developer", Counts: usage.Counts{Requests: 1, Cost: 7}})
	}
	w.usage = append(w.usage, usage.Record{Hour: start(), Organization: ours, Key: "key_x", Counts: usage.Counts{Requests: 10}})
	h := New(w.settings())
	got := overviewOf(t, h, "owner@"+ours)
	if d := cmp.Diff(map[string]int{"ready": 1}, got.Environments); d != "" || got.Keys != 1 || got.Trusted != 1 || len(got.Attention) != 0 || got.Organization.ID != ours {
		t.Errorf("%s %+v", d, got)
	}
	if len(got.Hours) != 24 || !got.Hours[0].Hour.Equal(start().Add(-23*time.Hour)) || !got.Hours[23].Hour.Equal(start()) {
		t.Fatalf("%+v", got.Hours)
	}
	for i, hour := range got.Hours {
		want := map[int]int64{0: 1, 22: 1, 23: 11}[i]
		if hour.Counts.Requests != want || hour.Counts.CostUSD == "" {
			t.Errorf("hour %d: %+v, want %d requests", i, hour.Counts, want)
		}
	}
	if got.Total.Requests != 13 || got.Total.CostUSD != "0.000000021" || got.OwnUsage {
		t.Errorf("%+v", got.Total)
	}
	own := overviewOf(t, h, "developer@"+ours)
	if own.Total.Requests != 3 || !own.OwnUsage || own.Keys != 0 || own.Trusted != 0 {
		t.Errorf("a developer sees %+v", own)
	}
}

// troubled is a world in which everything needs somebody.
func troubled() *world {
	w := newWorld()
	e := w.environments[0]
	for name, change := range map[string]func(*tenant.Environment){
		"failing":  func(e *tenant.Environment) { e.State, e.Why = tenant.Failing, "AWS said no" },
		"unsafe":   func(e *tenant.Environment) { e.State, e.Why = tenant.Unsafe, "it takes everybody" },
		"roleless": func(e *tenant.Environment) { e.State, e.RoleARN = tenant.Pending, "" },
		"unseen":   func(e *tenant.Environment) { e.State = tenant.Pending },
		"accepted": func(e *tenant.Environment) {
			e.State, e.Accepted = tenant.Unsafe, &tenant.Acceptance{Reason: "we share it", RoleARN: e.RoleARN}
		},
	} {
		e := e
		e.ID, e.Name = "env_"+name, name
		change(&e)
		w.environments = append(w.environments, e)
	}
	for name, left := range map[string]time.Duration{"gone": -time.Hour, "soon": 13 * 24 * time.Hour, "later": 15 * 24 * time.Hour} {
		k := w.keys[0]
		k.ID, k.Name, k.Expires = "key_"+name, name, start().Add(left)
		w.keys = append(w.keys, k)
	}
	w.problems = map[string]string{ourIssuer: "it does not answer"}
	w.budgets = append(w.budgets, budget.Budget{ID: "bud_soft", Organization: ours, Period: budget.Month, Soft: 1e9})
	w.spent = map[string]int64{ourBudget: 5e9, "bud_soft": 2e9, theirBudget: 9e9}
	return w
}

func targetsOf(o wire.Overview) []string {
	var out []string
	for _, a := range o.Attention {
		out = append(out, a.Severity+" "+a.Target)
	}
	slices.Sort(out)
	return out
}

func TestABudgetOfWhatIsGoneNeedsNoAttention(t *testing.T) {
	w := troubled()
	for _, target := range []string{"key_revoked", "env_deleted", "tru_revoked"} {
		w.budgets = append(w.budgets, budget.Budget{ID: "bud_" + target, Organization: ours, Target: target, Period: budget.Month, Hard: 1e9})
		w.spent["bud_"+target] = 2e9
	}
	for _, target := range targetsOf(overviewOf(t, New(w.settings()), "owner@"+ours)) {
		if strings.Contains(target, "bud_key") || strings.Contains(target, "bud_env") || strings.Contains(target, "bud_tru") {
			t.Errorf("%s, which nobody spends of any more", target)
		}
	}
}

func TestAnOverviewNamesWhatNeedsAttentionTheWorstFirst(t *testing.T) {
	w := troubled()
	h := New(w.settings())
	got := overviewOf(t, h, "owner@"+ours)
	want := []string{
		"failed " + ourBudget, "failed env_failing", "failed env_unsafe", "notice env_accepted", "notice env_roleless", "notice env_unseen",
		"warning bud_soft", "warning key_gone", "warning key_soon", "warning " + ourIssuer,
	}
	if d := cmp.Diff(want, targetsOf(got)); d != "" {
		t.Error(d)
	}
	order := map[string]int{"failed": 0, "warning": 1, "notice": 2}
	for i, a := range got.Attention {
		if i > 0 && order[a.Severity] < order[got.Attention[i-1].Severity] || a.What == "" || a.Remedy == "" || strings.Contains(a.What, theirBudget) {
			t.Errorf("%d: %+v", i, a)
		}
		if strings.HasPrefix(a.Target, "env_") == (a.State == "") || a.Target == "env_accepted" && a.State != "unsafe" {
			t.Errorf("%s is said to be %q", a.Target, a.State)
		}
		if strings.HasPrefix(a.Target, "env_") && !strings.Contains(a.Remedy, " --environment "+a.Name+" --org ours`") {
			t.Errorf("its command finds no environment of another organization than default: %s", a.Remedy)
		}
	}
	if d := cmp.Diff(map[string]int{"ready": 1, "failing": 1, "unsafe": 2, "pending": 2}, got.Environments); d != "" {
		t.Error(d)
	}
	for who, hidden := range map[string][]string{"developer@" + ours: {"key_", "tru_"}, "invoke-bound": {"env_failing"}} {
		o := wire.Overview{}
		if who == "invoke-bound" {
			bound := personOf(ours, access.Developer)
			bound.Key.Environments = []string{ourEnv}
			o = read[wire.Overview](t, ask(t, h, "", "GET", overviewURL, "", as(bound, "")), http.StatusOK)
		} else {
			o = overviewOf(t, h, who)
		}
		for _, of := range hidden {
			if slices.ContainsFunc(o.Attention, func(a wire.Attention) bool { return strings.HasPrefix(a.Target, of) }) {
				t.Errorf("%s is told of %s", who, of)
			}
		}
	}
}

func TestAnOverviewSaysEachThingOnceAndBriefly(t *testing.T) {
	w := troubled()
	for i := range w.environments {
		if e := &w.environments[i]; e.ID == "env_failing" {
			e.Why = "the AWS account does not know Adit's identity provider (environment failing) (AWS: InvalidIdentityToken, request id 7f3a). Run `adit aws setup --environment failing`."
		}
	}
	w.spent["bud_soft"] = 1_288_480_820
	said := map[string]wire.Attention{}
	for _, a := range overviewOf(t, New(w.settings()), "owner@"+ours).Attention {
		said[a.Target] = a
	}
	for target, want := range map[string]string{
		"env_failing": "The environment failing: the last exchange with AWS failed: the AWS account does not know Adit's identity provider.",
		"bud_soft":    "The budget of the organization for this month has reached its soft limit: $1.29 spent.",
		"key_gone":    "The API key gone has expired and is refused.",
	} {
		if said[target].What != want {
			t.Errorf("%s: %q, want %q", target, said[target].What, want)
		}
	}
	if remedy := said["env_failing"].Remedy; strings.Count(remedy, "adit ") != 1 {
		t.Errorf("two remedies: %s", remedy)
	}
}

// rings are signing keys in some state.
type rings struct{ keys []signing.Key }

func (r rings) Keys(string) []signing.Key               { return r.keys }
func (rings) Ripens(k signing.Key) time.Time            { return k.Created.Add(36 * time.Hour) }
func (rings) Rotates(signing.Key) time.Time             { return time.Time{} }
func (rings) Leaves(signing.Key) time.Time              { return time.Time{} }
func (rings) Rotate(context.Context, audit.Actor) error { return nil }
func (rings) Revoke(context.Context, audit.Actor, string, bool) (signing.Revocation, error) {
	return signing.Revocation{}, nil
}

func TestTheServersTroublesAreToldToOperatorsAndTheDatabasesToAll(t *testing.T) {
	w := newWorld()
	s := w.settings()
	for name, keys := range map[string][]signing.Key{
		"No signing key is active": {{ID: "kid-2", State: signing.Next}},
		"signs before AWS":         {{ID: "kid-2", State: signing.Active, Unripe: "forced", Created: start().Add(-time.Hour)}},
	} {
		s.SigningKeys = rings{keys}
		h := New(s)
		if got := overviewOf(t, h, "operator").Attention; len(got) != 1 || !strings.Contains(got[0].What, name) {
			t.Errorf("%s: %+v", name, got)
		}
		if got := overviewOf(t, h, "owner@"+ours).Attention; len(got) != 0 {
			t.Errorf("%s: an owner is told %+v", name, got)
		}
	}
	s.SigningKeys = rings{[]signing.Key{{ID: "kid-2", State: signing.Active, Unripe: "forced", Created: start().Add(-37 * time.Hour)}, {ID: "kid-1", State: signing.Retiring}}}
	if got := overviewOf(t, New(s), "operator").Attention; len(got) != 0 {
		t.Errorf("a key that has ripened: %+v", got)
	}
	w.down = errors.New("inner words")
	h := New(s)
	for _, who := range []string{"operator", "developer@" + ours} {
		got := overviewOf(t, h, who).Attention
		if len(got) != 1 || got[0].Severity != "failed" || strings.Contains(got[0].What, "inner words") {
			t.Errorf("%s: %+v", who, got)
		}
	}
}

func TestTenThousandFailingEnvironmentsAreASentence(t *testing.T) {
	h := manyIn(10_000, tenant.Failing)
	got := overviewOf(t, h, "owner@"+ours)
	if n := len(got.Attention); n != maxAlike+1 || got.Environments["failing"] != 10_000 {
		t.Fatalf("%d", n)
	}
	last := got.Attention[maxAlike]
	if last.What != fmt.Sprintf("%d more environments are failing.", 10_000-maxAlike) || last.Severity != "failed" {
		t.Errorf("%+v", last)
	}
}

// manyIn is a server whose organization has as many environments in the state.
func manyIn(n int, state tenant.State) http.Handler {
	w := newWorld()
	one := w.environments[0]
	one.State, one.Why = state, "AWS said no"
	w.environments = w.environments[:0]
	for i := range n {
		e := one
		e.ID, e.Name = fmt.Sprintf("env_%024x", i), fmt.Sprintf("env-%05d", i)
		w.environments = append(w.environments, e)
	}
	r := tenant.NewRegistry(tenant.Settings{})
	r.Set(w.organizations, w.environments)
	s := w.settings()
	s.Organizations, s.Environments = r, r
	return New(s)
}

// It must stay far below 50 ms: it is the first thing that somebody sees.
func BenchmarkOverviewOfTenThousandEnvironments(b *testing.B) {
	h := manyIn(10_000, tenant.Failing)
	b.ReportAllocs()
	for b.Loop() {
		if out := ask(b, h, "owner@"+ours, http.MethodGet, overviewURL, ""); out.Code != 200 {
			b.Fatal(out.Body)
		}
	}
}
