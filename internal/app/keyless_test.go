package app

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/signing"
)

func TestAThousandColdRequestsOfOneCallerMakeOneExchange(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.ready("default", "prod")
	key := r.key("default", "app")
	if _, err := r.control.Verify(t.Context(), "default", e.ID, wire.ExchangeInput{}); err != nil {
		t.Fatal(err) // the probes are made, once
	}
	before := r.calls("AssumeRoleWithWebIdentity")
	var asking sync.WaitGroup
	for i := range 1000 {
		asking.Go(func() {
			if got := r.embed(key, "prod/"+titanV2, fmt.Sprintf("text %d", i)); got.status != http.StatusOK {
				t.Errorf("%d: %.300s", got.status, got.body)
			}
		})
	}
	asking.Wait()
	if n := r.calls("AssumeRoleWithWebIdentity") - before; n != 1 {
		t.Errorf("%d calls of STS for one caller", n)
	}
}

func TestEveryCallCarriesItsOwnCallersSubjectThoughTwoOrganizationsShareARole(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	a, b := r.organization("acme"), r.organization("bolt")
	of := map[string]wire.Environment{"acme": r.environment(a, "prod"), "bolt": r.environment(b, "prod")}
	arn := r.role("shared", trusting(audience(), subjects(of["acme"].Subject, of["bolt"].Subject)))
	keys := map[string]string{}
	for name, e := range of {
		r.setRole(name, e.ID, arn)
		keys[name] = r.key(name, "app")
	}
	var asking sync.WaitGroup
	for i := range 200 {
		for name, key := range keys {
			asking.Go(func() {
				if got := r.embed(key, "prod/"+titanV2, fmt.Sprintf("%s %d", name, i)); got.status != http.StatusOK {
					t.Errorf("%s: %d %.300s", name, got.status, got.body)
				}
			})
		}
	}
	asking.Wait()
	seen := map[string]int{}
	for _, event := range r.aws.Trail() {
		if event.Operation != "InvokeModel" {
			continue
		}
		seen[event.Token.Subject]++
		digits := strings.TrimPrefix(event.Token.Subject[strings.LastIndex(event.Token.Subject, ":")+1:], "env_")
		if !strings.Contains(event.SessionName, digits) {
			t.Errorf("the session %s was begun by a token of %s", event.SessionName, event.Token.Subject)
		}
	}
	if seen[of["acme"].Subject] != 200 || seen[of["bolt"].Subject] != 200 || len(seen) != 2 {
		t.Errorf("calls by subject: %v", seen)
	}
}

func TestADeletedEnvironmentIsRefusedWithinASecondOnAnotherReplicaToo(t *testing.T) {
	aws, database := newAWS(t), sharedSQLite(t)
	first := startReplica(t, aws, shared(database, t.TempDir()))
	second := startReplica(t, aws, shared(database, t.TempDir()))
	e := first.ready("default", "prod")
	key := first.key("default", "app")
	for _, r := range []*replica{first, second} {
		eventually(t, time.Minute, "the environment is used", func() bool {
			return r.embed(key, "prod/"+titanV2, "a text").status == http.StatusOK
		})
	}
	if err := first.control.DeleteEnvironment(t.Context(), "default", e.ID, true); err != nil {
		t.Fatal(err)
	}
	if got := first.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusNotFound {
		t.Errorf("on the replica that deleted it: %d %s", got.status, got.body)
	}
	eventually(t, time.Minute, "the other replica refuses", func() bool { // how soon is up to how often it asks, and to the machine
		return second.embed(key, "prod/"+titanV2, "a text").status == http.StatusNotFound
	})
	if asks := (StateSettings{}).withDefaults().Poll; asks > time.Second/2 {
		t.Errorf("a server asks for changes every %v", asks)
	}
	exchanges := first.calls("AssumeRoleWithWebIdentity")
	second.embed(key, "prod/"+titanV2, "a text")
	if n := first.calls("AssumeRoleWithWebIdentity"); n != exchanges {
		t.Errorf("a deleted environment made %d exchanges more", n-exchanges)
	}
}

func TestARoleThatForgetsTheSubjectIsUnsafeAndNotCalled(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.environment("default", "prod")
	key := r.key("default", "app")
	arn := r.role("open", trusting(audience()))
	r.setRole("default", e.ID, arn)
	got := r.embed(key, "prod/"+titanV2, "a text")
	if got.status == http.StatusOK || r.calls("InvokeModel") != 0 {
		t.Fatalf("a role that lets everybody in was called: %d", got.status)
	}
	if strings.Contains(got.body, "arn:aws") || strings.Contains(got.body, e.Subject) {
		t.Errorf("the caller is told what is for administrators: %s", got.body)
	}
	shown := r.show(e.ID)
	if shown.State != "unsafe" || shown.Why == "" {
		t.Fatalf("the environment is %s: %s", shown.State, shown.Why)
	}

	if err := r.aws.UpdateRole(arn, withTrust(trusting(audience(), subjects(e.Subject)))); err != nil {
		t.Fatal(err)
	}
	v, err := r.control.Verify(t.Context(), "default", e.ID, wire.ExchangeInput{})
	if err != nil || v.Environment.State != "ready" {
		t.Fatalf("after the mending: %s, %v", v.Environment.State, err)
	}
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Errorf("a safe role: %d %s", got.status, got.body)
	}
}

func TestAnUnsafeRoleIsUsedOnceAnAdministratorAnswersForIt(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.environment("default", "prod")
	key := r.key("default", "app")
	r.setRole("default", e.ID, r.role("open", trusting(audience())))
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status == http.StatusOK {
		t.Fatal("it was used before anybody answered for it")
	}
	if _, err := r.control.Accept(t.Context(), "default", e.ID, "a sandbox account without anything in it"); err != nil {
		t.Fatal(err)
	}
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Errorf("after the acceptance: %d %s", got.status, got.body)
	}
}

func TestARoleMadeByHandAsTheManualSaysWorksWithTheDefaults(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.environment("default", "prod")
	// The console's clicks: audience bedrock, one condition on sub, AmazonBedrockFullAccess.
	arn := r.role("by-hand", strings.Replace(trusting(audience(), subjects(e.Subject)), `,"sts:TagSession"`, "", 1))
	r.setRole("default", e.ID, arn)
	if got := r.embed(r.key("default", "app"), "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Errorf("%d %s\n%s", got.status, got.body, r.log)
	}
	if shown := r.show(e.ID); shown.State != "ready" || shown.Activity == nil || shown.Activity.Outcome != "ok" {
		t.Errorf("the environment is %s, %+v", shown.State, shown.Activity)
	}
}

func TestAWrongSubjectTellsAdministratorsThePolicyToPaste(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	e := r.environment("default", "prod")
	r.setRole("default", e.ID, r.role("other", trusting(audience(), subjects("env:org_0:env_0"))))
	got := r.embed(r.key("default", "app"), "prod/"+titanV2, "a text")
	if got.status != http.StatusBadGateway || strings.Contains(got.body, e.Subject) {
		t.Errorf("the caller got %d %s", got.status, got.body)
	}
	v, err := r.control.Verify(t.Context(), "default", e.ID, wire.ExchangeInput{})
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%+v", v.Exchange.Problem)
	for _, part := range []string{e.Subject, issuerHost + ":sub", "sts:AssumeRoleWithWebIdentity", "AccessDenied"} {
		if v.Exchange.Problem == nil || !strings.Contains(said, part) {
			t.Errorf("an administrator is not told %q: %s", part, said)
		}
	}
	if again := r.embed(r.key("default", "second"), "prod/"+titanV2, "a text"); again.status != http.StatusBadGateway {
		t.Errorf("a second caller got %d", again.status)
	}
}

func TestKeysOfTheMachineNeverSignAnEnvironmentsCalls(t *testing.T) {
	aws := newAWS(t)
	canary := aws.DefaultKey()
	r := startReplica(t, aws, func(s *Settings) {
		s.Environ = []string{"AWS_ACCESS_KEY_ID=" + canary.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + canary.SecretAccessKey}
	})
	t.Setenv("AWS_ACCESS_KEY_ID", canary.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary.SecretAccessKey)
	e := r.ready("default", "prod")
	if got := r.embed(r.key("default", "app"), "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if _, err := r.control.Models(t.Context(), "default", e.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, event := range aws.Trail() {
		if event.AccessKeyID == canary.AccessKeyID {
			t.Errorf("%s was signed with the machine's key", event.Operation)
		}
	}
}

func TestWithTheDatabaseDownKnownKeysServeForAWhileAndTheIssuerOn(t *testing.T) {
	now := newClock()
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.Now = now.Now })
	r.ready("default", "prod")
	key := r.key("default", "app")
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	r.lost = true
	if err := r.state.store.Close(); err != nil {
		t.Fatal(err)
	}
	now.advance(4 * time.Minute)
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Errorf("after four minutes: %d %s", got.status, got.body)
	}
	now.advance(2 * time.Minute)
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusServiceUnavailable {
		t.Errorf("after six minutes: %d %s", got.status, got.body)
	}
	if got := r.get("/.well-known/jwks.json", ""); got.status != http.StatusOK || !strings.Contains(got.body, `"kid"`) {
		t.Errorf("the issuer's keys: %d %s", got.status, got.body)
	}
}

func TestARoleThatIsMadeAnewIsUsedAgainByTheNextRequest(t *testing.T) {
	now := newClock()
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.Now = now.Now })
	e := r.ready("default", "prod")
	key := r.key("default", "app")
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	now.advance(time.Minute) // credentials a moment old are not thrown away for a refusal
	if err := r.aws.DeleteRole(r.show(e.ID).RoleARN); err != nil {
		t.Fatal(err)
	}
	r.role("adit-prod", trusting(audience(), subjects(e.Subject))) // its sessions are not known to AWS any more
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestARevokedKeysSessionIsForgotten(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	r.ready("default", "prod")
	key := r.key("default", "app")
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	before := r.state.federation.Live()
	if err := r.control.RevokeKey(t.Context(), "default", "app"); err != nil {
		t.Fatal(err)
	}
	if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusUnauthorized {
		t.Errorf("a revoked key: %d %s", got.status, got.body)
	}
	if after := r.state.federation.Live(); after != before-1 {
		t.Errorf("%d sessions are held, %d were before the key was revoked", after, before)
	}
}

func TestSessionsOfAChangedKeyAndOfARevokedSigningKeyAreBegunAnew(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	r.ready("default", "prod")
	key := r.key("default", "app")
	exchanges := func() int {
		t.Helper()
		if got := r.embed(key, "prod/"+titanV2, "a text"); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return r.calls("AssumeRoleWithWebIdentity")
	}
	begun := exchanges()
	if again := exchanges(); again != begun {
		t.Fatalf("%d exchanges for a session that was there", again-begun)
	}
	tags := map[string]string{"team": "search"}
	if _, err := r.control.UpdateKey(t.Context(), "default", "app", wire.KeyPatch{Tags: &tags}); err != nil {
		t.Fatal(err)
	}
	changed := exchanges()
	if changed != begun+1 {
		t.Errorf("%d exchanges after the key was changed, want 1", changed-begun)
	}
	leaked := r.state.signer.Keys(signing.DefaultIssuer)[0].ID
	if _, err := r.control.RevokeSigningKey(t.Context(), leaked, true); err != nil {
		t.Fatal(err)
	}
	if revoked := exchanges(); revoked == changed {
		t.Error("the sessions of a revoked signing key are used on")
	}
}

func TestPruningTheAuditLeavesWhatVerifyTakesAndTheLastThirtyDays(t *testing.T) {
	now := newClock()
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.Now = now.Now })
	r.environment("default", "old")
	now.advance(40 * 24 * time.Hour)
	if err := r.state.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.environment("default", "new")
	if _, err := r.control.PruneAudit(t.Context(), wire.AuditPruneInput{Before: now.Now().Add(-time.Hour)}); err == nil {
		t.Error("the traces of an hour ago were removed")
	}
	pruned, err := r.control.PruneAudit(t.Context(), wire.AuditPruneInput{Before: now.Now().Add(-31 * 24 * time.Hour)})
	if err != nil || pruned.Seq == 0 {
		t.Fatalf("%+v, %v", pruned, err)
	}
	v, err := r.control.VerifyAudit(t.Context())
	if err != nil || !v.Sound || v.Pruned != pruned.Seq {
		t.Errorf("%+v, %v", v, err)
	}
	actions := map[string]int{}
	for row, err := range r.control.Events(t.Context(), client.AuditFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		actions[row.Action]++
	}
	if actions["environment.create"] != 1 || actions["audit.prune"] != 1 {
		t.Errorf("what is left: %v", actions)
	}
}
