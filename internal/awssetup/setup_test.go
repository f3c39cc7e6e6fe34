package awssetup_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/fault"
)

func TestSetupTwiceChangesNothingTheSecondTime(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*awssetup.Facts)
		opts   awssetup.Options
	}{
		"plain":    {func(*awssetup.Facts) {}, awssetup.Options{}},
		"tags":     {func(f *awssetup.Facts) { f.SessionTags = true }, awssetup.Options{Tags: map[string]string{"team": "search"}}},
		"all":      {func(f *awssetup.Facts) { f.Session = 3 * time.Hour }, awssetup.Options{FullAccess: true, Marketplace: true, Path: "/ai/", MaxSession: 5 * time.Hour, Account: accounts}},
		"private":  {func(f *awssetup.Facts) { f.Thumbprint = "0123456789ABCDEF0123456789abcdef01234567" }, awssetup.Options{}},
		"named":    {func(f *awssetup.Facts) { f.RoleARN = "arn:aws:iam::111122223333:role/ai/Bedrock" }, awssetup.Options{}},
		"other id": {func(f *awssetup.Facts) { f.Models = []string{"anthropic.claude-x-v1:0", "eu.acme.chat-v1:0"} }, awssetup.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			f := facts()
			c.change(&f)
			first := w.setup(f, c.opts)
			if first.Empty() {
				t.Fatal("the first plan was empty")
			}
			before := w.aws.IAM()
			second := w.plan(f, c.opts)
			if !second.Empty() || second.Summary() != "nothing to change" {
				t.Errorf("the second plan: %s\n%v", second.Summary(), second.Steps)
			}
			w.apply(second)
			if diff := cmp.Diff(before, w.aws.IAM()); diff != "" {
				t.Errorf("applying nothing changed something:\n%s", diff)
			}
			if first.RoleARN != before.Roles[0].ARN || first.ProviderARN != before.Providers[0].ARN {
				t.Errorf("the plan says %s and %s", first.RoleARN, first.ProviderARN)
			}
		})
	}
}

func TestTheTrustPinsAudienceAndSubjectAndAllowsTagsOnlyWithTags(t *testing.T) {
	for _, tags := range []bool{false, true} {
		w := newWorld(t)
		f := facts()
		f.SessionTags = tags
		w.setup(f, awssetup.Options{})
		var got struct {
			Statement []struct {
				Sid, Effect string
				Principal   map[string][]string
				Action      []string
				Condition   map[string]map[string][]string
			}
		}
		if err := json.Unmarshal(w.aws.IAM().Roles[0].Trust, &got); err != nil || len(got.Statement) != 1 {
			t.Fatalf("%v, %v", err, got)
		}
		s := got.Statement[0]
		want := map[string]map[string][]string{"StringEquals": {host + ":aud": {"bedrock"}, host + ":sub": {"env:org_0123456789abcdef01234567:env_89abcdef0123456789abcdef"}}}
		if diff := cmp.Diff(want, s.Condition); diff != "" {
			t.Errorf("conditions (-want +got):\n%s", diff)
		}
		actions := []string{"sts:AssumeRoleWithWebIdentity"}
		if tags {
			actions = append(actions, "sts:TagSession")
		}
		if diff := cmp.Diff(actions, s.Action); diff != "" {
			t.Errorf("actions (-want +got):\n%s", diff)
		}
		if s.Effect != "Allow" || s.Sid != "Adit89abcdef0123456789abcdef" || s.Principal["Federated"][0] != provider {
			t.Errorf("%+v", s)
		}
	}
}

func TestTheRoleMayDoNoMoreThanItNeeds(t *testing.T) {
	w := newWorld(t)
	f := facts()
	f.Models = []string{"acme.chat-v1:0"}
	w.setup(f, awssetup.Options{})
	role := w.aws.IAM().Roles[0]
	var got struct {
		Statement []struct {
			Sid       string
			Action    []string
			Resource  []string
			Condition map[string]map[string][]string
		}
	}
	if err := json.Unmarshal(role.Inline["adit-bedrock-89abcdef0123456789abcdef"], &got); err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Statement {
		for _, a := range s.Action {
			reads := strings.HasPrefix(a, "bedrock:List") || strings.HasPrefix(a, "bedrock:Get")
			invokes := a == "bedrock:InvokeModel" || a == "bedrock:InvokeModelWithResponseStream"
			if !reads && !invokes {
				t.Errorf("%s allows %s", s.Sid, a)
			}
			if invokes && (strings.Join(s.Resource, " ") == "*" || strings.Contains(strings.Join(s.Resource, " "), "foundation-model/*")) {
				t.Errorf("%s allows every model: %v", s.Sid, s.Resource)
			}
			if a == "bedrock:InvokeModelWithResponseStream" && strings.Join(s.Resource, " ") != "arn:aws:bedrock:us-east-1::foundation-model/acme.chat-v1:0" {
				t.Errorf("%s lets embedding models stream: %v", s.Sid, s.Resource)
			}
		}
	}
	if len(role.Attached) > 0 {
		t.Errorf("attached: %v", role.Attached)
	}
}

func TestAnExistingProviderGetsTheAudienceAndKeepsItsOwn(t *testing.T) {
	w := newWorld(t, emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"other"}}))
	p := w.setup(facts(), awssetup.Options{})
	if diff := cmp.Diff([]string{"change OIDC provider", "create role", "create permissions"}, steps(p)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	got := w.aws.IAM().Providers[0]
	if diff := cmp.Diff([]string{"bedrock", "other"}, got.ClientIDs); diff != "" || len(got.Tags) > 0 {
		t.Errorf("tags %v, audiences (-want +got):\n%s", got.Tags, diff)
	}
}

const strangers = `{"Version":"2012-10-17","Id":"ours","Statement":[{"Sid":"Lambda","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func TestAnExistingRoleKeepsItsOtherStatementsAndTags(t *testing.T) {
	arn := "arn:aws:iam::111122223333:role/Shared"
	w := newWorld(t, emulator.WithRole(emulator.IAMRole{ARN: arn, TrustPolicy: strangers, Tags: []emulator.Tag{{Key: "team", Value: "x"}}}))
	p := w.setup(facts(), awssetup.Options{RoleName: "Shared", Tags: map[string]string{"team": "y"}})
	if diff := cmp.Diff([]string{"create OIDC provider", "change role", "change trust policy", "create permissions"}, steps(p)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	role := w.aws.IAM().Roles[0]
	trust := string(role.Trust)
	for _, want := range []string{`"Id":"ours"`, `"Sid":"Lambda"`, `"Sid":"Adit89abcdef0123456789abcdef"`} {
		if !strings.Contains(trust, want) {
			t.Errorf("the trust policy lacks %s: %s", want, trust)
		}
	}
	if diff := cmp.Diff(map[string]string{"team": "x", "adit:parts:env_89abcdef0123456789abcdef": "trust permissions"}, role.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if !w.plan(facts(), awssetup.Options{RoleName: "Shared", Tags: map[string]string{"team": "y"}}).Empty() {
		t.Error("the second plan is not empty")
	}

	w.apply(w.removal(facts(), awssetup.Options{RoleName: "Shared"}))
	left := w.aws.IAM()
	if len(left.Roles) != 1 || len(left.Roles[0].Inline) != 0 || strings.Contains(string(left.Roles[0].Trust), "Adit") || len(left.Roles[0].Tags) != 1 || len(left.Providers) != 0 {
		t.Errorf("after remove: %+v", left)
	}
}

func TestARoleMadeByHandIsTakenAsItIs(t *testing.T) {
	arn := "arn:aws:iam::111122223333:role/HandMadeX"
	byHand := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":["sts:AssumeRoleWithWebIdentity"],
		"Condition":{"StringEquals":{"issuer.adit.test:sub":"env:org_0123456789abcdef01234567:env_89abcdef0123456789abcdef","issuer.adit.test:aud":["bedrock"]}}}}`
	w := newWorld(t, emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock"}}),
		emulator.WithRole(emulator.IAMRole{ARN: arn, TrustPolicy: byHand, Attached: []string{"arn:aws:iam::aws:policy/AmazonBedrockFullAccess"}}))
	f := facts()
	f.RoleARN = arn
	p := w.plan(f, awssetup.Options{})
	if diff := cmp.Diff([]string{"keep OIDC provider", "change role", "keep trust policy", "create permissions"}, steps(p)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if len(p.Warnings) > 0 {
		t.Errorf("warnings: %v", p.Warnings)
	}
}

func TestTrustForEverySubjectIsWarnedOf(t *testing.T) {
	for name, c := range map[string]struct {
		condition string
		warned    bool
	}{
		"audience only":  {`{"StringEquals":{"issuer.adit.test:aud":"bedrock"}}`, true},
		"star":           {`{"StringLike":{"issuer.adit.test:sub":"env:org_0123456789abcdef01234567:*"}}`, true},
		"one subject":    {`{"StringEquals":{"issuer.adit.test:sub":"env:a:b"}}`, false},
		"like but exact": {`{"StringLike":{"ISSUER.adit.test:sub":"env:a:b"}}`, false},
	} {
		trust := `{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + c.condition + `}]}`
		w := newWorld(t, emulator.WithOIDCProvider(emulator.OIDCProvider{ARN: provider, ClientIDs: []string{"bedrock"}}),
			emulator.WithRole(emulator.IAMRole{ARN: "arn:aws:iam::111122223333:role/R", TrustPolicy: trust}))
		p := w.plan(facts(), awssetup.Options{RoleName: "R"})
		if warned := len(p.Warnings) == 1 && strings.Contains(p.Warnings[0], "Statement Open"); warned != c.warned {
			t.Errorf("%s: warnings %v", name, p.Warnings)
		}
	}
}

func TestARoleOfSomebodyElseIsNotTouchedUnlessNamed(t *testing.T) {
	f := facts()
	other := f
	other.EnvironmentID = "env_89abcdefffffffffffffffff" // the same default name
	for name, set := range map[string]func(*world){
		"untagged":          func(w *world) { w.role("adit-prod-89abcdef", strangers) },
		"other environment": func(w *world) { w.setup(other, awssetup.Options{}) },
	} {
		w := newWorld(t)
		set(w)
		before := w.aws.IAM()
		if _, err := awssetup.NewPlan(t.Context(), f, awssetup.Options{}, w.admin); fault.From(err) == nil || fault.From(err).Code != "role_taken" {
			t.Errorf("%s: %v", name, err)
		}
		w.apply(w.removal(f, awssetup.Options{}))
		if diff := cmp.Diff(before, w.aws.IAM()); name == "untagged" && diff != "" {
			t.Errorf("%s: changed all the same:\n%s", name, diff)
		}
		if len(w.aws.IAM().Roles) != 1 {
			t.Errorf("%s: the role is gone", name)
		}
	}
}

func (w *world) role(name, trust string) {
	w.t.Helper()
	if err := w.aws.AddRole(emulator.IAMRole{ARN: "arn:aws:iam::111122223333:role/" + name, TrustPolicy: trust}); err != nil {
		w.t.Fatal(err)
	}
}

func TestChangedWishesChangeWhatIsThere(t *testing.T) {
	w := newWorld(t)
	f := facts()
	w.setup(f, awssetup.Options{FullAccess: true})
	f.SessionTags, f.Session = true, 2*time.Hour
	p := w.plan(f, awssetup.Options{Models: []string{"amazon.titan-embed-text-v2:0"}, Tags: map[string]string{"team": "search"}})
	want := []string{"keep OIDC provider", "change role", "change trust policy", "change permissions", "remove managed policy"}
	if diff := cmp.Diff(want, steps(p)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	shown := p.Steps[1].Differences[0].String() + p.Steps[1].Differences[1].String()
	if shown != "longest session\n- 1h\n+ 2h\ntag team\n+ search\n" {
		t.Errorf("differences of the role:\n%s", shown)
	}
	if d := p.Steps[2].Differences[0].String(); !strings.Contains(d, `+           "sts:TagSession"`) && !strings.Contains(d, `"sts:TagSession"`) || strings.Contains(d, "- {") {
		t.Errorf("difference of the trust:\n%s", d)
	}
	w.apply(p)
	if got := w.aws.IAM().Roles[0]; got.MaxSessionSeconds != 7200 || len(got.Attached) != 0 || got.Tags["team"] != "search" {
		t.Errorf("%+v", got)
	}
}

func TestModelsThatNeedAnAgreementAreNamed(t *testing.T) {
	w := newWorld(t, emulator.WithAgreementNeeded("cohere.*"), emulator.WithModelRegions("amazon.nova-*", "us-west-2"))
	f := facts()
	p := w.plan(f, awssetup.Options{})
	want := []string{"The account still needs an AWS Marketplace agreement for cohere.embed-english-v3, cohere.embed-multilingual-v3, cohere.embed-v4:0: open the model once in the Bedrock console as an administrator, or let the role accept it with --marketplace."}
	if diff := cmp.Diff(want, p.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	f.Models = []string{"amazon.nova-2-multimodal-embeddings-v1:0", "amazon.titan-embed-text-v1"}
	p = w.plan(f, awssetup.Options{Models: []string{"amazon.nova-2-multimodal-embeddings-v1:0"}})
	want = []string{
		"The environment has amazon.titan-embed-text-v1 enabled, but --models omits it: calls to it will be refused.",
		"Bedrock does not offer amazon.nova-2-multimodal-embeddings-v1:0 in us-east-1.",
	}
	if diff := cmp.Diff(want, p.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestAnotherAccountOrPartitionStops(t *testing.T) {
	w := newWorld(t)
	elsewhere := facts()
	elsewhere.RoleARN = "arn:aws:iam::999988887777:role/R"
	china := facts()
	china.Region = "cn-north-1"
	for name, c := range map[string]struct {
		facts awssetup.Facts
		opts  awssetup.Options
		want  string
	}{
		"--account": {facts(), awssetup.Options{Account: "999988887777"}, "these credentials belong to account 111122223333, but setup is for account 999988887777"},
		"role":      {elsewhere, awssetup.Options{}, "these credentials belong to account 111122223333, but setup is for account 999988887777"},
		"partition": {china, awssetup.Options{}, "the credentials belong to partition aws, but the environment's region cn-north-1 is in aws-cn"},
	} {
		_, err := awssetup.NewPlan(t.Context(), c.facts, c.opts, w.admin)
		if f := fault.From(err); f == nil || f.Message != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatAWSRefusesIsToldWithItsCodeAndARemedy(t *testing.T) {
	w := newWorld(t)
	key, err := w.aws.AddUser("reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	w.admin = w.as(key)
	p := w.plan(facts(), awssetup.Options{})
	f := fault.From(p.Apply(t.Context(), nil))
	if f == nil || f.Kind != fault.Refused || f.AWS == nil || f.AWS.Code != "AccessDenied" || f.AWS.RequestID == "" || !strings.Contains(f.Message, "create the provider issuer.adit.test") {
		t.Errorf("%+v", f)
	}
}
