package emulator_test

import (
	"crypto/sha512"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

const (
	limitARN  = "arn:aws:iam::111122223333:policy/limit"
	titanOnly = `{"Effect":"Allow","Action":"bedrock:*","Resource":"arn:aws:bedrock:*::foundation-model/amazon.*"}`
	coherOnly = `{"Effect":"Allow","Action":"bedrock:*","Resource":"arn:aws:bedrock:*::foundation-model/cohere.*"}`
)

// TestASessionMayWhatAllItsLayersAllow: the role's policies, its boundary and
// the session's own policies are looked at when a call is made.
func TestASessionMayWhatAllItsLayersAllow(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*emulator.IAMRole)
		session []string
		titan   string // what the refusal says, "" for success
		cohere  string
	}{
		"its inline policy": {},
		"no policy": {
			change: func(r *emulator.IAMRole) { r.Inline = nil },
			titan:  "because no identity-based policy allows the bedrock:InvokeModel action", cohere: "no identity-based policy",
		},
		"an attached policy": {change: func(r *emulator.IAMRole) { r.Inline, r.Attached = nil, []string{limitARN} }, cohere: "no identity-based policy"},
		"AWS's own policy": {change: func(r *emulator.IAMRole) {
			r.Inline, r.Attached = nil, []string{"arn:aws:iam::aws:policy/AmazonBedrockFullAccess"}
		}},
		"a boundary":         {change: func(r *emulator.IAMRole) { r.Boundary = limitARN }, cohere: "because no permissions boundary allows"},
		"an absent boundary": {change: func(r *emulator.IAMRole) { r.Boundary = limitARN + "2" }, titan: "no permissions boundary", cohere: "no permissions boundary"},
		"a session policy":   {session: []string{"Policy", document(titanOnly)}, cohere: "because no session policy allows"},
		"a managed one":      {session: []string{"PolicyArns.member.1.arn", limitARN}, cohere: "because no session policy allows"},
		"two that share":     {session: []string{"Policy", document(coherOnly), "PolicyArns.member.1.arn", limitARN}},
		"a wider one":        {change: func(r *emulator.IAMRole) { r.Inline = map[string]string{"t": document(titanOnly)} }, session: []string{"Policy", document(anything)}, cohere: "no identity-based policy"},
		"a boundary as well": {change: func(r *emulator.IAMRole) { r.Boundary = limitARN }, session: []string{"Policy", document(coherOnly)}, titan: "no session policy", cohere: "no permissions boundary"},
		"a session's denial": {session: []string{"Policy", document(anything, strings.Replace(titanOnly, "Allow", "Deny", 1))}, titan: "with an explicit deny in a session policy"},
		"a role tag's policy": {change: func(r *emulator.IAMRole) {
			r.Tags = []emulator.Tag{{Key: "Stage", Value: "prod"}}
			r.Inline = byTag("stage", "prod")
		}},
		"a missing tag": {change: func(r *emulator.IAMRole) { r.Inline = byTag("stage", "prod") }, titan: "no identity-based", cohere: "no identity-based"},
	} {
		f := newFederation(t)
		if err := f.AddManagedPolicy(limitARN, document(titanOnly)); err != nil {
			t.Fatal(err)
		}
		k := f.session(t, f.token(nil), c.session...)
		if c.change != nil { // after the exchange: it must reach the live session
			if err := f.UpdateRole(roleARN, c.change); err != nil {
				t.Fatal(err)
			}
		}
		for model, want := range map[string]string{titan2: c.titan, coh3: c.cohere} {
			status, answer := f.invoke(t, k, model)
			if (want == "") != (status == 200) || !strings.Contains(answer, want) {
				t.Errorf("%s, %s: %d %.300s", name, model, status, answer)
			}
		}
	}
}

func byTag(key, value string) map[string]string {
	return map[string]string{"tagged": document(strings.Replace(anyModel, `"Resource"`, `"Condition":{"StringEquals":{"aws:PrincipalTag/`+key+`":"`+value+`"}},"Resource"`, 1))}
}

func TestASessionTagDecidesBeforeTheRolesOwn(t *testing.T) {
	f := newFederation(t)
	f.trust(t, trustDocument(`["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, exact))
	err := f.UpdateRole(roleARN, func(r *emulator.IAMRole) {
		r.Tags, r.Inline = []emulator.Tag{{Key: "team", Value: "search"}}, byTag("team", "search")
	})
	if err != nil {
		t.Fatal(err)
	}
	for team, want := range map[string]int{"search": 200, "other": 403} {
		k := f.session(t, f.token(fields{"https://aws.amazon.com/tags": fields{"principal_tags": fields{"team": []string{team}}}}))
		if status, answer := f.invoke(t, k, titan2); status != want {
			t.Errorf("%s: %d %s", team, status, answer)
		}
	}
}

// TestActiveSessionsAreRevokedByTheirAge: what the console's button writes.
func TestActiveSessionsAreRevokedByTheirAge(t *testing.T) {
	f := newFederation(t)
	old := f.session(t, f.token(nil))
	f.pass(time.Minute)
	revoke := document(`{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` + f.time().UTC().Format("2006-01-02T15:04:05.000Z") + `"}}}`)
	if err := f.UpdateRole(roleARN, func(r *emulator.IAMRole) { r.Inline["AWSRevokeOlderSessions"] = revoke }); err != nil {
		t.Fatal(err)
	}
	if status, answer := f.invoke(t, old, titan2); status != 403 || !strings.Contains(answer, "with an explicit deny in an identity-based policy") {
		t.Errorf("the old session: %d %s", status, answer)
	}
	if status, answer := f.invoke(t, f.session(t, f.token(nil)), titan2); status != 200 {
		t.Errorf("a new session: %d %s", status, answer)
	}
}

func TestASessionEndsWithItsRole(t *testing.T) {
	f := newFederation(t)
	k := f.session(t, f.token(nil))
	role := f.Roles(account)[0]
	if err := f.DeleteRole(roleARN); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"deleted", "made anew"} {
		if status, answer := f.invoke(t, k, titan2); status != 403 || !strings.HasPrefix(answer, "UnrecognizedClientException") {
			t.Errorf("%s: %d %s", what, status, answer)
		}
		if err := f.AddRole(emulator.IAMRole{ARN: roleARN, TrustPolicy: role.TrustPolicy, Inline: role.Inline}); what == "deleted" && err != nil {
			t.Fatal(err)
		}
	}
}

func TestPackedPoliciesAndTagsHaveTheirOwnLimit(t *testing.T) {
	f := newFederation(t)
	f.trust(t, trustDocument(`["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, exact))
	if _, answer := f.exchange(t, f.token(nil), "Policy", document(titanOnly)); elementOf(answer, "PackedPolicySize") == "" || elementOf(answer, "PackedPolicySize") == "0" {
		t.Error("a session policy takes no room")
	}
	tags := fields{}
	for i := range byte(50) { // noise, so that it does not pack
		sum := sha512.Sum512([]byte{i})
		tags[hex.EncodeToString(sum[:])] = []string{hex.EncodeToString(sum[:32])}
	}
	got, _ := f.exchange(t, f.token(fields{"https://aws.amazon.com/tags": fields{"principal_tags": tags}}))
	if !strings.HasPrefix(got, "PackedPolicyTooLarge: Packed policy consumes ") {
		t.Error(got)
	}
}

func TestTheTrailShowsWhoseSessionACallIsOf(t *testing.T) {
	f := newFederation(t)
	f.trust(t, trustDocument(`["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]`, exact))
	token := f.token(fields{"https://aws.amazon.com/tags": fields{"principal_tags": fields{"team": []string{"search"}}}, "https://aws.amazon.com/source_identity": "someone"})
	k := f.session(t, token)
	f.invoke(t, k, titan2)
	f.exchange(t, f.token(fields{"sub": "env:org_1:probe"}))
	type seen struct {
		Operation, Principal, Session, Role, Source, Key, Code string
		Tags                                                   map[string]string
		Token                                                  emulator.TokenClaims
	}
	var got []seen
	for _, ev := range f.Trail() {
		got = append(got, seen{ev.Operation, ev.Principal, ev.SessionName, ev.RoleARN, ev.SourceIdentity, ev.AccessKeyID, ev.ErrorCode, ev.SessionTags, *ev.Token})
	}
	claims := emulator.TokenClaims{Issuer: idpURL, Subject: subject, Audience: "bedrock", KeyID: "k0", ID: "j-1"}
	first := seen{"AssumeRoleWithWebIdentity", "arn:aws:sts::111122223333:assumed-role/Embedder/caller-1", "caller-1", roleARN, "someone", k.AccessKeyID, "", map[string]string{"team": "search"}, claims}
	second, third := first, seen{Operation: first.Operation, Session: "caller-1", Role: roleARN, Code: "AccessDenied", Token: claims}
	second.Operation, third.Token.Subject = "InvokeModel", "env:org_1:probe"
	if diff := cmp.Diff([]seen{first, second, third}, got); diff != "" {
		t.Error(diff)
	}
}
