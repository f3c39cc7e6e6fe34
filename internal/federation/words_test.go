package federation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
)

func TestTheExpectedTrustPolicyIsReadyToPaste(t *testing.T) {
	const plain = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::111122223333:oidc-provider/id.example.com"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "id.example.com:aud": "bedrock",
          "id.example.com:sub": "env:org_1:env_7"
        }
      }
    }
  ]
}`
	if diff := cmp.Diff(plain, federation.ExpectedTrust("id.example.com", "aws", "111122223333", "env:org_1:env_7", "bedrock", false)); diff != "" {
		t.Error(diff)
	}
	tagged := federation.ExpectedTrust("id.example.com/o/x", "aws-cn", "111122223333", "env:org_1:env_7", "bedrock", true)
	for _, want := range []string{`"arn:aws-cn:iam::111122223333:oidc-provider/id.example.com/o/x"`, `"id.example.com/o/x:sub"`, `"sts:TagSession"`} {
		if !strings.Contains(tagged, want) {
			t.Errorf("%s is not in %s", want, tagged)
		}
	}
	if !json.Valid([]byte(tagged)) {
		t.Errorf("no JSON: %s", tagged)
	}
	if hostile := federation.ExpectedTrust("h", "aws", "1", `"]}`, "<&>", false); !json.Valid([]byte(hostile)) || !strings.Contains(hostile, "<&>") {
		t.Errorf("got %s", hostile)
	}
}

func TestTheRegionalEndpointIsAsked(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "https://sts.us-east-1.amazonaws.com/", "us-gov-west-1": "https://sts.us-gov-west-1.amazonaws.com/",
		"cn-north-1": "https://sts.cn-north-1.amazonaws.com.cn/", "ap-southeast-5": "https://sts.ap-southeast-5.amazonaws.com/",
		"": "", "evil.example.com/": "", "us-east-1.evil.com": "", "us-east-1@evil": "", "US-EAST-1": "", "us-east-1\n": "", "localhost": "",
	} {
		got, err := federation.Endpoint(region)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", region, got, err)
		}
	}
}

func TestEveryExchangeIsAuditedWithWhatWasSentAndNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		got := s.get(env1, by(org1, key1))
		if len(s.events) != 1 {
			t.Fatalf("%d events", len(s.events))
		}
		want := audit.Event{
			Time: s.events[0].Time, Organization: org1, Actor: audit.Actor{Organization: org1, Key: key1, Name: "name of " + key1},
			Action: "sts.exchange", Target: env1, Outcome: "ok",
			Details: map[string]string{
				"role_arn": arn1, "session_name": "adit-" + env1 + "-" + key1, "aws_request_id": "request-1", "iss": "https://id.example.com",
				"sub": "env:" + org1 + ":" + env1, "aud": "bedrock", "kid": "kid-1", "jti": "tok_1", "expires": got.Expires.UTC().Format(time.RFC3339),
			},
		}
		if diff := cmp.Diff(want, s.events[0]); diff != "" {
			t.Error(diff)
		}
		if len(s.did) != 1 || s.did[0].Outcome != "ok" || s.did[0].Succeeded.IsZero() || s.counts["ok"] != 1 {
			t.Errorf("told %+v, counted %v", s.did, s.counts)
		}
		s.sts.set(always(denied()))
		s.refused(env1, by(org1, key2))
		if e := s.events[1]; e.Outcome != "AccessDenied" || e.Details["aws_request_id"] != "request-2" || s.counts["AccessDenied"] != 1 {
			t.Errorf("audited %+v", e)
		}
		all, _ := json.Marshal(s.events)
		for _, secret := range []string{"eyJ", "secret+of", "session/of"} {
			if strings.Contains(string(all)+s.logged.String(), secret) {
				t.Errorf("%s is told", secret)
			}
		}
	})
}

func TestWithoutRoomInTheAuditNoExchangeIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		warm := s.get(env1, by(org1, key1))
		s.set(func() { s.full = fault.New(fault.Unavailable, "full").WithCode("audit_unavailable") })
		if f := s.fails(env1, by(org1, key2)); f.Code != "audit_unavailable" || f.Kind != fault.Unavailable {
			t.Errorf("got %v", f)
		}
		s.calls(1)
		if s.get(env1, by(org1, key1)).AccessKeyID != warm.AccessKeyID {
			t.Error("what is there is not served")
		}

		// The room runs out while STS is asked.
		s.set(func() { s.full = nil })
		s.sts.set(func(call) reply {
			s.set(func() { s.full = fault.New(fault.Unavailable, "full").WithCode("audit_unavailable") })
			return reply{}
		})
		time.Sleep(5 * time.Second)
		if f := s.fails(env1, by(org1, key2)); f.Code != "audit_unavailable" {
			t.Errorf("got %v", f)
		}
		s.calls(2)
		s.set(func() { s.full = nil })
		s.sts.set(nil)
		time.Sleep(5 * time.Second)
		s.get(env1, by(org1, key2))
	})
}

func FuzzAnswersOfSTS(f *testing.F) {
	s := &fakeSTS{}
	c := call{role: arn1, session: "adit-x", duration: "3600", n: 1}
	f.Add([]byte(s.grant(c, reply{}, time.Unix(1e9, 0))))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY y "z">]><AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">&y;`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		id, key, token, err := federation.ReadAnswer(body, arn1, "adit-x")
		if err != nil {
			return
		}
		for _, v := range []string{id, key.Reveal(), token.Reveal()} {
			if v == "" || strings.ContainsAny(v, " \r\n\x00") {
				t.Errorf("half an answer was taken: %q", id)
			}
		}
		if !strings.Contains(string(body), ":assumed-role/Bedrock/adit-x") {
			t.Error("an answer for somebody else was taken")
		}
	})
}

func FuzzScrubbedTexts(f *testing.F) {
	f.Add("hello eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "secret")
	f.Add("a\x1b[31m\u202e\n\xff", "b")
	f.Add("s\u200becret", "secret")
	f.Add("\u203f", "\x80")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := federation.Scrub(text, secret)
		if len(secret) > 10 && strings.Contains(got, secret) {
			t.Errorf("the secret is in %q", got)
		}
		if strings.ContainsAny(got, "\x1b\r\n\u202e\u200b") || !utf8.ValidString(got) || len(got) > 410 {
			t.Errorf("unfit to be shown: %q", got)
		}
	})
}
