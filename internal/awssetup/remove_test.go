package awssetup_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/fault"
)

// tagged says whether anything in the account still carries a tag of Adit's.
func (w *world) tagged() bool {
	text, err := json.Marshal(w.aws.IAM())
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Contains(string(text), "adit:")
}

func TestRemoveLeavesNothingTaggedAndASecondRemoveHasNothingToDo(t *testing.T) {
	for _, o := range []awssetup.Options{{}, {FullAccess: true, Path: "/ai/"}, {RoleName: "mine"}} {
		w := newWorld(t)
		w.setup(facts(), o)
		w.apply(w.removal(facts(), o))
		if got := w.aws.IAM(); len(got.Roles)+len(got.Providers) > 0 || w.tagged() {
			t.Errorf("%+v: left %+v", o, got)
		}
		if p := w.removal(facts(), o); !p.Empty() {
			t.Errorf("%+v: a second removal would %v", o, steps(p))
		}
	}
}

func TestTheProviderStaysWhileAnotherEnvironmentUsesIt(t *testing.T) {
	w := newWorld(t)
	one, two := facts(), facts()
	two.EnvironmentID, two.EnvironmentName = "env_111111111111111111111111", "staging"
	w.setup(one, awssetup.Options{})
	w.setup(two, awssetup.Options{})
	p := w.removal(one, awssetup.Options{})
	last := p.Steps[len(p.Steps)-1]
	if last.Action != awssetup.Keep || last.Why != "the role adit-staging-11111111 trusts it" {
		t.Errorf("the provider: %+v", last)
	}
	w.apply(p)
	if got := w.aws.IAM(); len(got.Providers) != 1 || len(got.Roles) != 1 {
		t.Errorf("left %+v", got)
	}
	w.apply(w.removal(two, awssetup.Options{}))
	if w.tagged() {
		t.Errorf("left %+v", w.aws.IAM())
	}
}

func TestAProviderThatAditDidNotMakeStays(t *testing.T) {
	w := newWorld(t, emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"other"}}))
	w.setup(facts(), awssetup.Options{})
	w.apply(w.removal(facts(), awssetup.Options{}))
	if got := w.aws.IAM(); len(got.Providers) != 1 || len(got.Roles) != 0 {
		t.Errorf("left %+v", got)
	}
}

func TestARoleThatOthersCameToUseStaysWithoutAditsParts(t *testing.T) {
	w := newWorld(t)
	w.setup(facts(), awssetup.Options{FullAccess: true})
	arn := w.aws.IAM().Roles[0].ARN
	if err := w.aws.UpdateRole(arn, func(r *emulator.IAMRole) {
		r.TrustPolicy = strings.Replace(r.TrustPolicy, `"Statement":[`, `"Statement":[{"Sid":"Lambda","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"},`, 1)
		r.Inline["theirs"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(w.aws.IAM().Roles[0].Trust), "Lambda") {
		t.Fatal("the stranger's statement was not added")
	}
	w.apply(w.removal(facts(), awssetup.Options{}))
	got := w.aws.IAM()
	if len(got.Roles) != 1 || len(got.Roles[0].Inline) != 1 || len(got.Roles[0].Attached) != 0 || strings.Contains(string(got.Roles[0].Trust), "Adit") || w.tagged() || len(got.Providers) != 0 {
		t.Errorf("left %+v", got)
	}
}

func TestPoliciesThatGoWithTheRoleAreNamedBefore(t *testing.T) {
	w := newWorld(t)
	w.setup(facts(), awssetup.Options{})
	if err := w.aws.UpdateRole(w.aws.IAM().Roles[0].ARN, func(r *emulator.IAMRole) {
		r.Inline["theirs"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
		r.Attached = append(r.Attached, "arn:aws:iam::aws:policy/AmazonBedrockReadOnly")
	}); err != nil {
		t.Fatal(err)
	}
	p := w.removal(facts(), awssetup.Options{})
	want := []string{"The inline policy theirs of the role adit-prod-89abcdef was not created by Adit, and is deleted with the role."}
	if diff := cmp.Diff(want, p.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	w.apply(p)
	if len(w.aws.IAM().Roles) != 0 {
		t.Error("the role is still there")
	}
}

func TestARoleKeepsItsOnlyStatement(t *testing.T) {
	w := newWorld(t)
	w.role("Shared", strangers)
	o := awssetup.Options{RoleName: "Shared"}
	w.setup(facts(), o)
	if err := w.aws.UpdateRole("arn:aws:iam::111122223333:role/Shared", func(r *emulator.IAMRole) {
		from, to := strings.Index(r.TrustPolicy, `{"Sid":"Lambda"`), strings.Index(r.TrustPolicy, `{"Sid":"Adit`)
		r.TrustPolicy = r.TrustPolicy[:from] + r.TrustPolicy[to:]
	}); err != nil {
		t.Fatal(err)
	}
	p := w.removal(facts(), o)
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "the only one") {
		t.Errorf("warnings %v", p.Warnings)
	}
	w.apply(p)
	if got := w.aws.IAM(); len(got.Roles) != 1 || len(got.Roles[0].Inline) != 0 || len(got.Providers) != 1 {
		t.Errorf("left %+v", got)
	}
}

func TestWhatFailsHalfwayIsCompletedByTheNextRun(t *testing.T) {
	options := awssetup.Options{FullAccess: true}
	reference := newWorld(t)
	reference.setup(facts(), options)
	whole := reference.aws.IAM()

	for _, operation := range []string{"CreateOpenIDConnectProvider", "CreateRole", "PutRolePolicy", "AttachRolePolicy", "DeleteRolePolicy", "DetachRolePolicy", "DeleteRole", "DeleteOpenIDConnectProvider"} {
		w := newWorld(t)
		breaks := emulator.Fault{Kind: emulator.FaultStatus, Operation: operation, Status: 403, Code: "AccessDenied", Count: 1}
		failed := func(p *awssetup.Plan) bool {
			if err := w.aws.Inject(breaks); err != nil {
				t.Fatal(err)
			}
			err := p.Apply(t.Context(), nil)
			w.aws.ClearFaults()
			return err != nil
		}
		broke := failed(w.plan(facts(), options))
		w.setup(facts(), options)
		if diff := cmp.Diff(whole, w.aws.IAM()); diff != "" {
			t.Errorf("%s failed, and the next setup left (-want +got):\n%s", operation, diff)
		}
		if failed(w.removal(facts(), options)) == broke {
			t.Errorf("%s was called by both or by none", operation)
		}
		w.apply(w.removal(facts(), options))
		if w.tagged() {
			t.Errorf("%s failed, and the next removal left %+v", operation, w.aws.IAM())
		}
	}
}

func TestSetupWaitsWhileIAMIsBehind(t *testing.T) {
	for name, c := range map[string]struct {
		fault emulator.Fault
		works bool
	}{
		"the role is not seen yet":     {emulator.Fault{Operation: "PutRolePolicy", Code: "NoSuchEntity", Status: 404, Count: 4}, true},
		"the provider is not seen yet": {emulator.Fault{Operation: "CreateRole", Code: "MalformedPolicyDocument", Message: "Invalid principal in policy", Status: 400, Count: 2}, true},
		"it never comes":               {emulator.Fault{Operation: "PutRolePolicy", Code: "NoSuchEntity", Status: 404}, false},
		"a real mistake":               {emulator.Fault{Operation: "CreateRole", Code: "MalformedPolicyDocument", Message: "Syntax errors in policy", Status: 400, Count: 1}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			p := w.plan(facts(), awssetup.Options{})
			c.fault.Kind = emulator.FaultStatus
			if err := w.aws.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			err := p.Apply(t.Context(), nil)
			if (err == nil) != c.works {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(start); took > 61*time.Second || (c.works && took < time.Second) {
				t.Errorf("%s: took %v", name, took)
			}
			if f := fault.From(err); err != nil && f.AWS == nil {
				t.Errorf("%s: AWS's reason is lost: %v", name, err)
			}
		})
	}
}

func TestATrustPolicyThatChangedMeanwhileIsNotOverwritten(t *testing.T) {
	w := newWorld(t)
	w.role("Shared", strangers)
	p := w.plan(facts(), awssetup.Options{RoleName: "Shared"})
	changed := strings.Replace(strangers, "lambda.amazonaws.com", "ec2.amazonaws.com", 1)
	if err := w.aws.UpdateRole("arn:aws:iam::111122223333:role/Shared", func(r *emulator.IAMRole) { r.TrustPolicy = changed }); err != nil {
		t.Fatal(err)
	}
	if f := fault.From(p.Apply(t.Context(), nil)); f == nil || f.Code != "plan_stale" {
		t.Errorf("got %v", f)
	}
	if trust := string(w.aws.IAM().Roles[0].Trust); !strings.Contains(trust, "ec2.amazonaws.com") || strings.Contains(trust, "Adit") {
		t.Errorf("the trust policy is %s", trust)
	}
}
