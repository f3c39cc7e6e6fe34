package federation_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/tenant"
)

func name(env tenant.Environment, plain bool, c caller.Caller) string {
	return federation.SessionName([]byte("test"), env, plain, c)
}

func TestASessionSaysInCloudTrailWhoItIs(t *testing.T) {
	env := environment(org1, env1)
	for _, c := range []struct {
		by    tenant.SessionName
		plain bool
		user  string
		want  string
	}{
		{tenant.ByEnvironment, false, "anna", "adit-" + env1},
		{tenant.ByKey, false, "anna", "adit-" + env1 + "-" + key1},
		{tenant.ByUser, false, "", "adit-" + env1 + "-" + key1},
		{tenant.ByUser, false, "anna@example.com", "adit-" + env1 + "-user_ca9ea9a2b42ed1f6a2e3a0c1"},
		{tenant.ByUser, true, "anna@example.com", "adit-" + env1 + "-anna@example.com"},
		{tenant.ByUser, true, key2, "adit-" + env1 + "-user.key_."},
		{tenant.ByUser, true, strings.Repeat("long", 20), "adit-" + env1 + "-longlongl."},
		{tenant.ByUser, true, "Anna Müller", "adit-" + env1 + "-Anna_M__l."},
	} {
		env.SessionName = c.by
		got := name(env, c.plain, caller.Caller{Organization: org1, Key: key1, User: c.user})
		if c.plain || c.user == "" || c.by != tenant.ByUser {
			if !strings.HasPrefix(got, c.want) || c.by != tenant.ByUser && got != c.want {
				t.Errorf("%s %q: got %s, want %s", c.by, c.user, got, c.want)
			}
			continue
		}
		if !regexp.MustCompile(`^adit-`+env1+`-user_[0-9a-f]{24}$`).MatchString(got) || strings.Contains(got, "anna") {
			t.Errorf("%s %q: got %s", c.by, c.user, got)
		}
	}
}

func TestUsersOfTwoOrganizationsHaveDifferentHashes(t *testing.T) {
	a, b := environment(org1, env1), environment(org2, env1)
	a.SessionName, b.SessionName = tenant.ByUser, tenant.ByUser
	c := caller.Caller{Key: key1, User: "anna"}
	if name(a, false, c) == name(b, false, c) {
		t.Error("two organizations can see that they share a user")
	}
	if federation.SessionName([]byte("other"), a, false, c) == name(a, false, c) {
		t.Error("the hash does not depend on the secret key")
	}
}

// who is everything that a session may be named after.
type who struct {
	env   string
	by    tenant.SessionName
	plain bool
	key   string
	user  string
}

func drawWho(t *rapid.T, label string) who {
	id := rapid.StringMatching(`[0-9a-f]{24}`)
	few := rapid.SampledFrom([]string{"aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"})
	digits := rapid.OneOf(few, id)
	user := rapid.OneOf(
		rapid.String(), rapid.StringMatching(`[\w+=,.@-]{1,40}`), rapid.StringMatching(`(key|user)[_.][0-9a-f]{20,24}`),
		rapid.StringMatching(`[a-z]{0,9}\.[0-9a-f]{20}`), rapid.SampledFrom([]string{"a", "b", "local", "key.local", "user.a", strings.Repeat("a", 31)}),
	)
	w := who{
		env: "env_" + few.Draw(t, label+"env"), by: rapid.SampledFrom([]tenant.SessionName{tenant.ByEnvironment, tenant.ByKey, tenant.ByUser}).Draw(t, label+"by"),
		plain: rapid.Bool().Draw(t, label+"plain"),
		key:   rapid.OneOf(rapid.Map(digits, func(s string) string { return "key_" + s }), user).Draw(t, label+"key"),
	}
	if w.by == tenant.ByUser {
		w.user = user.Draw(t, label+"user")
	}
	return w
}

func (w who) name() string {
	env := environment(org1, w.env)
	env.SessionName = w.by
	return name(env, w.plain, caller.Caller{Organization: org1, Key: w.key, User: w.user})
}

// same reports whether both ought to share a session.
func (w who) same(o who) bool {
	switch {
	case w.env != o.env:
		return false
	case w.by == tenant.ByEnvironment || o.by == tenant.ByEnvironment:
		return w.by == o.by
	case w.user != "" || o.user != "":
		return w.user == o.user && w.plain == o.plain
	}
	return w.key == o.key
}

func TestDifferentCallersNeverGetTheSameName(t *testing.T) {
	legal := regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawWho(t, "a."), drawWho(t, "b.")
		if rapid.Bool().Draw(t, "near") { // the name of one is tried as a user of the other
			b.by, b.plain, b.env = tenant.ByUser, true, a.env
			b.user = strings.TrimPrefix(a.name(), "adit-"+a.env+"-")
		}
		na, nb := a.name(), b.name()
		if !legal.MatchString(na) || !legal.MatchString(nb) {
			t.Fatalf("AWS refuses %q or %q", na, nb)
		}
		if (na == nb) != a.same(b) {
			t.Fatalf("%+v and %+v are named %s and %s", a, b, na, nb)
		}
	})
}

func TestSessionTagsTellOrganizationEnvironmentAndKeyAndTheKeysOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.change(env1, func(e *tenant.Environment) { e.SessionTags, e.SessionName = true, tenant.ByEnvironment })
		c := by(org1, key1)
		c.Tags = map[string]string{"team": "search", "Environment": "forged", "key": "forged"}
		one := s.get(env1, c)
		want := map[string]string{"organization": org1, "environment": env1, "key": key1, "team": "search"}
		if diff := cmp.Diff(want, s.issuer.claims[0].Tags); diff != "" {
			t.Error(diff)
		}
		c.Tags = map[string]string{"team": "other"}
		two := s.get(env1, c)
		if one.AccessKeyID == two.AccessKeyID || one.Identity == two.Identity {
			t.Error("calls with different tags would be billed as one")
		}
		s.calls(2)
	})
}

func TestWithoutSessionTagsNoTokenHasAny(t *testing.T) {
	s := newStand(t)
	c := by(org1, key1)
	c.Tags = map[string]string{"team": "search"}
	s.get(env1, c)
	if got := s.issuer.claims[0].Tags; got != nil {
		t.Errorf("tags %v", got)
	}
}

func byUser(s *stand) { s.change(env1, func(e *tenant.Environment) { e.SessionName = tenant.ByUser }) }

func of(user string) caller.Caller {
	c := by(org1, key1)
	c.User = user
	return c
}

func TestUsersBeyondTheRoomGetTheKeysSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(set *federation.Settings) { set.MaxSessions = 10 })
		byUser(s)
		keys := s.get(env1, by(org1, key1))
		for i := range 9 {
			s.get(env1, of(fmt.Sprint("user ", i)))
		}
		if s.fell != 0 || s.f.Live() != 10 {
			t.Fatalf("%d fell back, %d live", s.fell, s.f.Live())
		}
		if s.get(env1, of("one too many")).AccessKeyID != keys.AccessKeyID || s.fell != 1 || s.f.Live() != 10 {
			t.Errorf("%d fell back, %d live", s.fell, s.f.Live())
		}
		if got := s.get(env1, of("user 3")); got.Identity == keys.Identity {
			t.Error("a user with a session lost it")
		}
		time.Sleep(20 * time.Minute) // the others are idle by then
		if got := s.get(env1, of("one too many")); got.Identity == keys.Identity || s.fell != 1 {
			t.Error("idle sessions do not make room")
		}
	})
}

func TestKeysAlwaysGetTheirSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(set *federation.Settings) { set.MaxSessions = 5 })
		for i := range 20 {
			if got := s.get(env1, by(org1, key(i))); !strings.HasSuffix(got.Identity, key(i)) {
				t.Errorf("key %d got %s", i, got.Identity)
			}
			if s.f.Live() > 5 {
				t.Fatalf("%d live", s.f.Live())
			}
			time.Sleep(time.Second)
		}
		s.get(env1, by(org1, key(19)))
		s.calls(20)
	})
}

func TestAnEnvironmentBeginsOnlySoManySessionsForUsersInAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(set *federation.Settings) { set.NewSessions = 6 })
		byUser(s)
		for i := range 20 {
			s.get(env1, of(fmt.Sprint("user ", i)))
		}
		s.calls(6 + 1)
		if s.fell != 14 {
			t.Errorf("%d fell back", s.fell)
		}
		time.Sleep(10 * time.Second)
		s.get(env1, of("user 19"))
		s.calls(6 + 1 + 1)
	})
}

func TestCredentialsAreRefreshedInGoodTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		life := time.Duration(rapid.Int64Range(int64(time.Minute), int64(12*time.Hour)).Draw(t, "life"))
		at := federation.RefreshAfter(life, rapid.Float64Range(0, 0.999).Draw(t, "jitter"))
		if at > life*2/3 || at < life/3 || life >= 30*time.Minute && life-at < 15*time.Minute {
			t.Fatalf("credentials of %v are refreshed after %v", life, at)
		}
	})
}
