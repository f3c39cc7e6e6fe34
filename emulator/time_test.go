package emulator_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/emulator"
)

// TestNoRollingMinuteHoldsMoreThanTheQuota counts what the trail let in, by
// another way than the quota's own.
func TestNoRollingMinuteHoldsMoreThanTheQuota(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rpm := rapid.IntRange(0, 8).Draw(r, "rpm")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 30_000), 1, 40).Draw(r, "gaps")
		synctest.Test(t, func(t *testing.T) {
			e, _ := start(t, emulator.WithQuota(titan2, rpm))
			var admitted []time.Time
			for _, ms := range gaps {
				time.Sleep(time.Duration(ms) * time.Millisecond)
				within := 0
				for _, at := range admitted {
					if time.Since(at) < time.Minute {
						within++
					}
				}
				status, _, _ := post(t, e, titan2, `{"inputText":"x"}`)
				if want := map[bool]int{true: 200, false: 429}[within < rpm]; status != want {
					t.Fatalf("with %d of %d in the minute: %d, want %d", within, rpm, status, want)
				}
				if status == 200 {
					admitted = append(admitted, time.Now())
				}
			}
		})
	})
}

func TestQuotasAreCountedByAccountRegionAndModel(t *testing.T) {
	e, cfg := start(t, emulator.WithQuota(titan2, 1), emulator.WithQuota(coh4, 1))
	other := emulator.Key{AccessKeyID: "AKIAOTHER", SecretAccessKey: "s", Principal: "arn:aws:iam::444455556666:user/u", Policies: e.DefaultKey().Policies}
	if err := e.AddKey(other); err != nil {
		t.Fatal(err)
	}
	elsewhere := cfg.Copy()
	elsewhere.Region = "eu-west-1"
	titan, cohere := `{"inputText":"x"}`, cohereBody("", "x")
	var got []string
	say := func(_ any, err error) { got = append(got, code(err)) }
	say(invoke(cfg, titan2, titan))
	say(invoke(cfg, "arn:aws:bedrock:us-east-1::foundation-model/"+titan2, titan)) // the same quota
	say(invoke(elsewhere, titan2, titan))
	say(invoke(configFor(e, other), titan2, titan))
	say(invoke(cfg, titan1, titan)) // no quota
	say(invoke(cfg, coh4, cohere))
	say(invoke(cfg, "global.cohere.embed-v4:0", cohere)) // a profile counts by itself
	say(invoke(cfg, profile4, cohere))
	want := []string{"", "ThrottlingException", "", "", "", "", "", "ThrottlingException"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACallerWhoLeavesIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := start(t, emulator.WithLatency(time.Minute, 2*time.Minute))
		req := signed(t, e.DefaultKey(), time.Now(), "POST", titanURL, `{"inputText":"x"}`)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := e.Transport().RoundTrip(req.WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		if ev := e.Trail()[0]; ev.ErrorCode != "ClientGone" || ev.Status != 0 {
			t.Errorf("the trail says %+v", ev)
		}
	})
}

func TestLatencyIsDrawnFromItsRange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := start(t, emulator.WithLatency(100*time.Millisecond, 300*time.Millisecond), emulator.WithSeed(1))
		for range 20 {
			began := time.Now()
			post(t, e, titan2, `{"inputText":"x"}`)
			if d := time.Since(began); d < 100*time.Millisecond || d > 300*time.Millisecond {
				t.Errorf("took %v", d)
			}
		}
	})
}

func TestFaultsHappenAsOrdered(t *testing.T) {
	const body = `{"inputText":"x"}`
	for name, c := range map[string]struct {
		fault  emulator.Fault
		status int
		code   string
		header string
	}{
		"throttle":      {emulator.Fault{Kind: emulator.FaultThrottle, RetryAfter: "3"}, 429, "ThrottlingException", "3"},
		"no code":       {emulator.Fault{Kind: emulator.FaultStatus, Status: 502}, 502, "", ""},
		"internal":      {emulator.Fault{Kind: emulator.FaultStatus, Status: 500}, 500, "InternalServerException", ""},
		"not ready":     {emulator.Fault{Kind: emulator.FaultStatus, Status: 429, Code: "ModelNotReadyException"}, 429, "ModelNotReadyException", ""},
		"overloaded":    {emulator.Fault{Kind: emulator.FaultStatus, Status: 529, RetryAfter: "1"}, 529, "overloaded_error", "1"},
		"model timeout": {emulator.Fault{Kind: emulator.FaultStatus, Status: 408}, 408, "ModelTimeoutException", ""},
		"model error":   {emulator.Fault{Kind: emulator.FaultStatus, Status: 424}, 424, "ModelErrorException", ""},
		"expired":       {emulator.Fault{Kind: emulator.FaultExpiredToken, Model: "amazon.*"}, 403, "ExpiredTokenException", ""},
		"other model":   {emulator.Fault{Kind: emulator.FaultThrottle, Model: "cohere.*"}, 200, "", ""},
		"other region":  {emulator.Fault{Kind: emulator.FaultThrottle, Region: "eu-*"}, 200, "", ""},
		"not yet":       {emulator.Fault{Kind: emulator.FaultThrottle, Skip: 1}, 200, "", ""},
		"used up":       {emulator.Fault{Kind: emulator.FaultDelay, Delay: time.Nanosecond, Count: 1}, 200, "", ""},
	} {
		e, _ := start(t, emulator.WithFault(c.fault))
		resp, err := e.Transport().RoundTrip(signed(t, e.DefaultKey(), time.Now(), "POST", titanURL, body))
		if err != nil {
			t.Fatal(name, err)
		}
		got, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
		if resp.StatusCode != c.status || got != c.code || resp.Header.Get("Retry-After") != c.header {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, got, resp.Header)
		}
	}
}

func TestFaultsThatSpoilTheAnswer(t *testing.T) {
	e, _ := start(t)
	send := func(k emulator.FaultKind) (string, error) {
		if err := e.Inject(emulator.Fault{Kind: k, Count: 1}); err != nil {
			t.Fatal(err)
		}
		resp, err := e.Transport().RoundTrip(signed(t, e.DefaultKey(), time.Now(), "POST", "http://aws.test/model/"+coh3+"/invoke", cohereBody("", "a", "b")))
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}
	if _, err := send(emulator.FaultCut); err == nil {
		t.Error("a cut connection answered")
	}
	if body, err := send(emulator.FaultCutBody); !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
		t.Errorf("cut in the body: %d bytes, %v", len(body), err)
	}
	if body, err := send(emulator.FaultMalformed); err != nil || strings.HasSuffix(body, "}") {
		t.Errorf("malformed: %v", err)
	}
	if body, err := send(emulator.FaultWrongCount); err != nil || strings.Count(body, "[") != 3 {
		t.Errorf("wrong count: %d lists, %v", strings.Count(body, "["), err)
	}
	if left := e.Faults(); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestASeedRepeatsTheSameFaults(t *testing.T) {
	draw := func(seed uint64) string {
		e, _ := start(t, emulator.WithSeed(seed), emulator.WithFault(emulator.Fault{Kind: emulator.FaultThrottle, Probability: 0.5}))
		var b strings.Builder
		for range 40 {
			status, _, _ := post(t, e, titan2, `{"inputText":"x","dimensions":256}`)
			b.WriteByte("ft"[status/429])
		}
		return b.String()
	}
	seed := rand.Uint64() // any seed must do
	if a, b := draw(seed), draw(seed); a != b || !strings.Contains(a, "t") || !strings.Contains(a, "f") {
		t.Errorf("seed %d: %s then %s", seed, a, b)
	}
}

func TestOtherServicesFailOnRequestToo(t *testing.T) {
	e, _ := start(t, emulator.WithFault(emulator.Fault{Operation: "GetCallerIdentity", Kind: emulator.FaultStatus, Status: 503}))
	req, err := http.NewRequest(http.MethodPost, "http://aws.test/", strings.NewReader("Action=GetCallerIdentity&Version=2011-06-15"))
	if err != nil {
		t.Fatal(err)
	}
	if status, _, body := ask(t, e, req); status != 503 || !strings.Contains(body, "<Code>ServiceUnavailableException</Code>") {
		t.Errorf("%d %s", status, body)
	}
}

func TestAPlaceInTheQuotaComesBackAfterExactlyOneMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := start(t, emulator.WithQuota(titan2, 1))
		for _, c := range []struct {
			wait time.Duration
			want int
		}{{0, 200}, {time.Minute - 1, 429}, {1, 200}, {time.Minute, 200}} {
			time.Sleep(c.wait)
			if status, _, _ := post(t, e, titan2, `{"inputText":"x"}`); status != c.want {
				t.Errorf("after %v more: %d, want %d", c.wait, status, c.want)
			}
		}
	})
}

// TestWhatSpendsTheQuota: a call that was let in has spent its place, whatever
// became of it; one that was refused at the door has not.
func TestWhatSpendsTheQuota(t *testing.T) {
	for name, c := range map[string]struct {
		fault emulator.Fault
		body  string
		next  int
	}{
		"a failure":    {emulator.Fault{Kind: emulator.FaultStatus, Status: 500, Count: 1}, `{"inputText":"x"}`, 429},
		"a bad body":   {emulator.Fault{Kind: emulator.FaultDelay, Delay: 1, Count: 1}, `{}`, 429},
		"a throttle":   {emulator.Fault{Kind: emulator.FaultThrottle, Count: 1}, `{"inputText":"x"}`, 200},
		"an old token": {emulator.Fault{Kind: emulator.FaultExpiredToken, Count: 1}, `{"inputText":"x"}`, 200},
	} {
		e, _ := start(t, emulator.WithQuota(titan2, 1), emulator.WithFault(c.fault))
		if status, _, _ := post(t, e, titan2, c.body); status == 200 {
			t.Errorf("%s: the first call got through", name)
		}
		if status, _, _ := post(t, e, titan2, `{"inputText":"x"}`); status != c.next {
			t.Errorf("after %s: %d, want %d", name, status, c.next)
		}
	}
}

func TestAFaultSkipsThenStrikesThenIsUsedUp(t *testing.T) {
	e, _ := start(t, emulator.WithFault(emulator.Fault{Kind: emulator.FaultThrottle, Skip: 1, Count: 2}))
	var got []int
	for range 4 {
		status, _, _ := post(t, e, titan2, `{"inputText":"x"}`)
		got = append(got, status)
	}
	if diff := cmp.Diff([]int{200, 429, 429, 200}, got); diff != "" {
		t.Error(diff)
	}
}
