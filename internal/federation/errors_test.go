package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
)

// row is a row of AWS's errors: what AWS always says, and what must come of it.
type row struct {
	reply    reply
	calls    int
	tokens   int // that were sent
	kind     fault.Kind
	code     string
	says     []string // in the sentence
	explains []string // in the detail
}

func rows() map[string]row {
	invalid := func(message string) reply { return reply{code: "InvalidIdentityToken", message: message} }
	trust := []string{`"id.example.com:sub": "env:` + org1 + ":" + env1 + `"`, `arn:aws:iam::111122223333:oidc-provider/id.example.com`}
	return map[string]row{
		"verification key": {unripe(), 3, 1, fault.Unavailable, federation.CodeIssuerUnreachable,
			[]string{"could not get the keys", "adit doctor --environment prod", "InvalidIdentityToken", "request-3"}, []string{"kid kid-1", "in 3 calls", "last fetched from this server at 2000-01-01T00:00:00Z"}},
		"no provider": {invalid("No OpenIDConnect provider found in your account for https://id.example.com"), 1, 1, fault.Refused, federation.CodeNoProvider,
			[]string{"does not know Adit's identity provider", "111122223333", "adit aws setup --environment prod"}, append(trust, "iss https://id.example.com")},
		"audience": {invalid("Incorrect token audience"), 1, 1, fault.Refused, federation.CodeAudience,
			[]string{"audience", "bedrock"}, append(trust, "aud bedrock")},
		"thumbprint": {invalid("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"), 1, 1, fault.Refused, federation.CodeThumbprint,
			[]string{"TLS certificate", "thumbprint"}, nil},
		"other token fault": {invalid("The ID Token provided is not a valid JWT"), 1, 1, fault.Refused, federation.CodeTokenInvalid,
			[]string{"adit doctor"}, []string{"not a valid JWT"}},
		"expired": {reply{code: "ExpiredTokenException", message: "Token expired: current date/time must be before the expiration date/time"}, 2, 2, fault.Refused, federation.CodeTokenExpired,
			[]string{"clock"}, []string{"clock: "}},
		"issuer down": {reply{code: "IDPCommunicationError", message: "unreachable"}, 3, 1, fault.Unavailable, federation.CodeIssuerUnreachable,
			[]string{"could not reach Adit's identity provider"}, []string{"last fetched from this server"}},
		"claim": {reply{status: 403, code: "IDPRejectedClaim", message: "rejected"}, 2, 2, fault.Refused, federation.CodeClaimRejected,
			[]string{"claim"}, nil},
		"denied": {denied(), 1, 1, fault.Refused, federation.CodeRoleRefuses,
			[]string{"does not accept Adit's token", "adit aws setup --environment prod", "AccessDenied", "request-1"},
			append(trust, "in 1 call: ", "role "+arn1, "sub env:"+org1+":"+env1, "aud bedrock", "iss https://id.example.com", "kid kid-1")},
		"duration": {reply{code: "ValidationError", message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}, 1, 1, fault.Refused, federation.CodeExchangeInvalid,
			[]string{"longer than the role allows", "--max-session"}, []string{"duration 1h0m0s"}},
		"validation": {reply{code: "ValidationError", message: "1 validation error detected"}, 1, 1, fault.Refused, federation.CodeExchangeInvalid, []string{"role ARN"}, nil},
		"packed":     {reply{code: "PackedPolicyTooLarge", message: "115% of the allowed size"}, 1, 1, fault.Refused, federation.CodePolicyTooLarge, []string{"tags"}, []string{"115%"}},
		"malformed":  {reply{code: "MalformedPolicyDocument", message: "bad"}, 1, 1, fault.Refused, federation.CodePolicyTooLarge, nil, nil},
		"region":     {reply{status: 403, code: "RegionDisabledException", message: "STS is not activated in this region"}, 1, 1, fault.Refused, federation.CodeRegionDisabled, []string{"eu-central-1"}, nil},
		"throttled":  {throttled(), 4, 1, fault.Unavailable, federation.CodeBusy, nil, nil},
		"5xx":        {reply{status: 503, code: "ServiceUnavailable", message: "later"}, 4, 1, fault.Unavailable, federation.CodeBusy, nil, nil},
		"5xx page":   {reply{status: 502, body: "<html>Bad Gateway</html>"}, 4, 1, fault.Unavailable, federation.CodeBusy, []string{"HTTP 502"}, nil},
		"unreached":  {unreachable(), 4, 1, fault.Unavailable, federation.CodeUnreachable, []string{"cannot be reached"}, []string{"connection refused"}},
		"unknown":    {reply{code: "SomethingNew", message: "??"}, 1, 1, fault.Refused, federation.CodeRefused, []string{"SomethingNew"}, nil},
		"redirect":   {reply{status: http.StatusTemporaryRedirect, body: "elsewhere", location: "https://sts.evil.example.com/"}, 1, 1, fault.Refused, federation.CodeRefused, []string{"HTTP 307"}, nil},
		"no xml":     {reply{body: `{"AccessKeyId":"ASIA"}`}, 1, 1, fault.Refused, federation.CodeBadAnswer, []string{"did not come from AWS STS"}, nil},
		"too long":   {reply{body: strings.Repeat("x", 1<<20)}, 1, 1, fault.Refused, federation.CodeBadAnswer, nil, []string{"longer than"}},
		"ended":      {reply{expires: "2000-01-01T00:00:00Z"}, 1, 1, fault.Refused, federation.CodeBadAnswer, nil, []string{"have already expired"}},
	}
}

func TestEveryErrorOfTheTableIsTriedAndToldAsItShouldBe(t *testing.T) {
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				s.sts.set(always(r.reply))
				f := s.fails(env1, by(org1, key1))
				s.calls(r.calls)
				s.tokens(r.tokens)
				if f.Kind != r.kind || f.Code != r.code || f.RetryAfter <= 0 {
					t.Errorf("kind %v, code %s, retry after %v", f.Kind, f.Code, f.RetryAfter)
				}
				for _, want := range r.says {
					if !strings.Contains(f.Sentence(), want) {
						t.Errorf("%q is not in %q", want, f.Sentence())
					}
				}
				if got := f.Remedy; strings.Count(got, "--environment") != strings.Count(got, "--environment prod --org research") {
					t.Errorf("its command finds no environment of another organization than default: %s", got)
				}
				for _, want := range r.explains {
					if !strings.Contains(f.Detail, want) {
						t.Errorf("%q is not in the detail:\n%s", want, f.Detail)
					}
				}
				if strings.Contains(f.Sentence(), arn1) || strings.Contains(f.Sentence(), "env:"+org1) {
					t.Errorf("the sentence is for callers and tells roles or subjects: %s", f.Sentence())
				}
				if all := f.Error() + s.logged.String(); strings.Contains(all, "eyJ") || strings.Contains(all, "signature-") {
					t.Errorf("a token is told: %s", all)
				}
				if !strings.Contains(s.logged.String(), r.code) && !strings.Contains(s.logged.String(), "no AWS credentials") {
					t.Errorf("not logged: %s", s.logged)
				}
			})
		})
	}
}

func TestTriesThatHelpSucceedWithoutTheCallerKnowing(t *testing.T) {
	for name, c := range map[string]struct {
		replies []reply
		tokens  int
	}{
		"keys at the second try":  {[]reply{unripe()}, 1},
		"keys at the third try":   {[]reply{unripe(), unripe()}, 1},
		"an expired token":        {[]reply{{code: "ExpiredTokenException", message: "expired"}}, 2},
		"a rejected claim":        {[]reply{{code: "IDPRejectedClaim", message: "x"}}, 2},
		"throttled twice":         {[]reply{throttled(), throttled()}, 1},
		"throttled, then no keys": {[]reply{throttled(), unripe(), throttled()}, 1},
		"a timeout":               {[]reply{unreachable()}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				s.sts.set(first(c.replies...))
				s.get(env1, by(org1, key1))
				s.calls(len(c.replies) + 1)
				s.tokens(c.tokens)
			})
		})
	}
}

func TestATryAfterTheActiveKeyChangedCarriesANewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(func(c call) reply {
			if strings.HasSuffix(c.token, "kid-1") {
				s.issuer.set(func() { s.issuer.kid = "kid-2" })
				return unripe()
			}
			return reply{}
		})
		s.get(env1, by(org1, key1))
		s.calls(2)
		if got := s.sts.seen()[1].token; !strings.HasSuffix(got, "kid-2") {
			t.Error("the old key's token was sent again")
		}
	})
}

func TestKeysThatNobodyFetchedAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.issuer.unfetched = true
		s.sts.set(always(unripe()))
		if f := s.fails(env1, by(org1, key1)); !strings.Contains(f.Detail, "not been fetched from this server since it started") {
			t.Errorf("detail:\n%s", f.Detail)
		}
	})
}

// The Date header has whole seconds: what is left of one is no offset.
func TestAClockWithinASecondAgrees(t *testing.T) {
	for _, after := range []time.Duration{0, 200 * time.Millisecond, 999 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t)
			s.sts.set(always(reply{code: "ExpiredTokenException", message: "expired"}))
			time.Sleep(after)
			if f := s.fails(env1, by(org1, key1)); !strings.Contains(f.Detail, "clock: this machine's clock agrees with AWS's") {
				t.Errorf("%v after the second began:\n%s", after, f.Detail)
			}
		})
	}
}

func TestAnSTSThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.takes = time.Hour
		begun := time.Now()
		f := s.fails(env1, by(org1, key1))
		if took := time.Since(begun); f.Kind != fault.Unavailable || f.Code != federation.CodeUnreachable || took > time.Minute {
			t.Errorf("%v %s after %v", f.Kind, f.Code, took)
		}
		s.calls(4)
	})
}

func TestAnIssuerThatCannotSignCostsNoCallToSTS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.issuer.fails = fault.New(fault.Unavailable, "there is no signing key").WithCode("no_signing_key")
		if f := s.fails(env1, by(org1, key1)); f.Code != "no_signing_key" {
			t.Errorf("got %v", f)
		}
		s.calls(0)
		s.issuer.set(func() { s.issuer.fails = nil })
		time.Sleep(2 * time.Second)
		s.get(env1, by(org1, key1))
	})
}

func TestAWrongClockIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.ahead = 7*time.Minute + 3*time.Second
		s.sts.set(always(denied()))
		if f := s.fails(env1, by(org1, key1)); !strings.Contains(f.Detail, "AWS's clock is 7m3s ahead of this machine's") {
			t.Errorf("detail:\n%s", f.Detail)
		}
	})
}

func TestWhatAWSSaysIsHostile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.sts.set(func(c call) reply {
			return reply{code: "ValidationError", message: "value " + c.token + " and eyJhbGciOiJ.part.rest \x1b" + `&#27;[31mred&#10;second&#x202e;line` + strings.Repeat("A", 5000)}
		})
		f := s.fails(env1, by(org1, key1))
		all := f.Error() + f.AWS.Message + s.logged.String()
		if strings.Contains(all, "eyJ") || strings.ContainsAny(f.AWS.Message, "\n\x1b\u202e") || len(f.AWS.Message) > 450 {
			t.Errorf("told: %q", f.AWS.Message)
		}
	})
}

func TestAnAnswerForAnotherSessionIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		other := s.sts.grant(call{role: arn1, session: "somebody-else", duration: "3600", n: 1}, reply{}, time.Now())
		s.sts.set(always(reply{body: other}))
		if f := s.fails(env1, by(org1, key1)); f.Code != federation.CodeBadAnswer || !strings.Contains(f.Detail, "somebody-else") {
			t.Errorf("got %v", f)
		}
	})
}
