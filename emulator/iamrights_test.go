package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

func TestIAMAsksForTheRightToTheVeryResource(t *testing.T) {
	e, admin := startIAM(t)
	ctx := context.Background()
	if _, err := createRole(admin, "theirs", trustSetup); err != nil {
		t.Fatal(err)
	}
	const ours = `"arn:aws:iam::111122223333:role/platform/*"`
	client := iam.NewFromConfig(configFor(e, userWith(t, e, "setup",
		`{"Effect":"Allow","Action":["iam:*Role*","iam:*RolePolicy"],"Resource":`+ours+`}`,
		`{"Effect":"Allow","Action":"iam:ListOpenIDConnectProviders","Resource":"*"}`,
		`{"Effect":"Deny","Action":"iam:TagRole","Resource":"*"}`)))
	path := func(in *iam.CreateRoleInput) { in.Path = aws.String("/platform/") }
	tagged := func(in *iam.CreateRoleInput) {
		path(in)
		in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	}
	arn := aws.String(setupARN)
	for name, c := range map[string]struct{ got, want error }{
		"below our path":     {second(createRole(client, "ours", trustSetup, path)), nil},
		"at the root":        {second(createRole(client, "ours2", trustSetup)), fmt.Errorf("iam:CreateRole on resource: arn:aws:iam::111122223333:role/ours2 because no identity-based policy allows")},
		"with tags":          {second(createRole(client, "ours3", trustSetup, tagged)), fmt.Errorf("iam:TagRole on resource: arn:aws:iam::111122223333:role/platform/ours3 with an explicit deny")},
		"another's role":     {second(client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("theirs")})), fmt.Errorf("iam:GetRole on resource: arn:aws:iam::111122223333:role/theirs")},
		"a role not there":   {second(client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("none")})), fmt.Errorf("iam:GetRole on resource: arn:aws:iam::111122223333:role/none")},
		"listing roles":      {second(client.ListRoles(ctx, nil)), fmt.Errorf("iam:ListRoles on resource: *")},
		"listing providers":  {second(client.ListOpenIDConnectProviders(ctx, nil)), nil},
		"reading a provider": {second(client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})), fmt.Errorf("iam:GetOpenIDConnectProvider on resource: %s", setupARN)},
		"making a provider":  {second(client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost)})), fmt.Errorf("iam:CreateOpenIDConnectProvider on resource: %s", setupARN)},
	} {
		if c.want == nil && c.got != nil || c.want != nil && (code(c.got) != "AccessDenied" || !strings.Contains(c.got.Error(), c.want.Error())) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	last := e.Trail()[len(e.Trail())-1]
	if last.Service != "iam" || last.Principal != "arn:aws:iam::111122223333:user/setup" || last.Region != "us-east-1" {
		t.Errorf("the trail says %+v", last)
	}
}

func TestRolesAreListedInPagesWithoutTheirTags(t *testing.T) {
	_, client := startIAM(t)
	var want, got []string
	for i := range 7 {
		name := fmt.Sprintf("r%d", i)
		want = append(want, name)
		if _, err := createRole(client, name, trustSetup, func(in *iam.CreateRoleInput) {
			in.Path, in.Tags = aws.String("/p/"), []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := createRole(client, "elsewhere", trustSetup); err != nil {
		t.Fatal(err)
	}
	pages := iam.NewListRolesPaginator(client, &iam.ListRolesInput{PathPrefix: aws.String("/p"), MaxItems: aws.Int32(3)})
	calls := 0
	for ; pages.HasMorePages(); calls++ {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Roles {
			if got = append(got, *r.RoleName); r.Tags != nil {
				t.Errorf("%s is listed with its tags", *r.RoleName)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || calls != 3 {
		t.Errorf("%d pages: %s", calls, diff)
	}
	if _, err := client.ListRoles(context.Background(), &iam.ListRolesInput{Marker: aws.String("x")}); code(err) != "ValidationError" {
		t.Errorf("a marker that IAM never gave: %v", err)
	}
}

func TestPoliciesKeepToIAMsQuotas(t *testing.T) {
	_, client := startIAM(t)
	ctx, name := context.Background(), aws.String("r")
	if _, err := createRole(client, "r", trustSetup); err != nil {
		t.Fatal(err)
	}
	sized := func(n int) *string { // n characters, and white space, which does not count
		text := strings.Replace(embedOnly, `"Effect"`, `"Sid":"","Effect"`, 1)
		return aws.String("\n\n  " + strings.Replace(text, `"Sid":"`, `"Sid":"`+strings.Repeat("x", n-len(text)), 1))
	}
	put := func(policy string, document *string) string {
		return code(second(client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String(policy), PolicyDocument: document})))
	}
	got := []string{put("a", sized(10_000)), put("b", sized(241)), put("b", sized(240)), put("a", sized(10_001)), put("c", aws.String(`{"Version":"2012-10-17"}`))}
	if diff := cmp.Diff([]string{"", "LimitExceeded", "", "LimitExceeded", "MalformedPolicyDocument"}, got); diff != "" {
		t.Error(diff)
	}
	names, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: name})
	if err != nil || !slices.Equal(names.PolicyNames, []string{"a", "b"}) {
		t.Errorf("got %+v, %v", names, err)
	}
	one, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("b")})
	if text, bad := url.QueryUnescape(aws.ToString(one.PolicyDocument)); err != nil || bad != nil || text != *sized(240) {
		t.Errorf("got %s, %v", text, err)
	}
	for i := range 11 {
		p, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(fmt.Sprint("p", i)), PolicyDocument: aws.String(embedOnly)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: p.Policy.Arn})
		if want := map[bool]string{true: "LimitExceeded"}[i == 10]; code(err) != want {
			t.Errorf("policy %d: %v", i, err)
		}
	}
	all, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil || len(all.AttachedPolicies) != 10 {
		t.Errorf("got %+v, %v", all, err)
	}
	if _, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("big"), PolicyDocument: sized(6145)}); code(err) != "LimitExceeded" {
		t.Errorf("a managed policy of 6145 characters: %v", err)
	}
}

func TestAManagedPolicyHasVersionsAndGoesWhenNobodyUsesIt(t *testing.T) {
	_, client := startIAM(t)
	ctx := context.Background()
	made, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), Path: aws.String("/a/"), PolicyDocument: aws.String(embedOnly), Description: aws.String("d")})
	if err != nil {
		t.Fatal(err)
	}
	arn := made.Policy.Arn
	version := func(set bool) error {
		return second(client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(document(allowIAM)), SetAsDefault: set}))
	}
	drop := func(id string) error {
		return second(client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String(id)}))
	}
	del := func() error { return second(client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})) }
	var got []string
	for _, err := range []error{
		second(client.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), Path: aws.String("/a/"), PolicyDocument: aws.String(embedOnly)})),
		version(true), version(false), version(false), version(false), version(false), drop("v2"), drop("v9"), del(), drop("v1"), drop("v3"), drop("v4"), drop("v5"), del(), del(),
	} {
		got = append(got, code(err))
	}
	want := []string{"EntityAlreadyExists", "", "", "", "", "LimitExceeded", "DeleteConflict", "NoSuchEntity", "DeleteConflict", "", "", "", "", "", "NoSuchEntity"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	aws1, err := client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String(bedrockReader), VersionId: aws.String("v1")})
	if err != nil || !aws1.PolicyVersion.IsDefaultVersion || !strings.Contains(*aws1.PolicyVersion.Document, "bedrock%3AGet%2A") {
		t.Errorf("got %+v, %v", aws1, err)
	}
	all, err := client.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws})
	if err != nil || len(all.Policies) != 2 {
		t.Errorf("got %+v, %v", all, err)
	}
	for name, err := range map[string]error{
		"a version": second(client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: aws.String(bedrockReader), PolicyDocument: aws.String(embedOnly)})),
		"tags":      second(client.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: aws.String(bedrockReader), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})),
	} {
		if code(err) != "AccessDenied" {
			t.Errorf("%s of AWS's own policy: %v", name, err)
		}
	}
}

func TestIAMFailsOnDemandAsAWSDoes(t *testing.T) {
	e, client := startIAM(t)
	for _, c := range []struct {
		fault emulator.Fault
		want  string
	}{
		{emulator.Fault{Kind: emulator.FaultStatus, Operation: "CreateRole", Status: 409, Code: "ConcurrentModification", Count: 1}, "ConcurrentModification"},
		{emulator.Fault{Kind: emulator.FaultThrottle, Operation: "CreateRole", Count: 1}, "Throttling"},
		{emulator.Fault{Kind: emulator.FaultStatus, Operation: "CreateRole", Status: 500, Code: "ServiceFailure", Count: 1}, "ServiceFailure"},
	} {
		if err := e.Inject(c.fault); err != nil {
			t.Fatal(err)
		}
		if _, err := createRole(client, "r", trustSetup); code(err) != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if _, err := createRole(client, "r", trustSetup); err != nil {
		t.Error(err)
	}
}

func TestEachPartitionHasOneIAM(t *testing.T) {
	e, _ := startIAM(t)
	k := userWith(t, e, "world", allowIAM)
	for region, want := range map[string]string{
		"us-east-1": "arn:aws:iam::111122223333:role/r", "eu-west-1": "", "cn-north-1": "arn:aws-cn:iam::111122223333:role/r", "us-gov-west-1": "arn:aws-us-gov:iam::111122223333:role/r",
	} {
		cfg := configFor(e, k)
		cfg.Region = region
		made, err := createRole(iam.NewFromConfig(cfg), "r-"+region, trustSetup)
		if err != nil {
			t.Errorf("%s: %v", region, err)
		} else if got := *made.Role.Arn; want != "" && got != want+"-"+region {
			t.Errorf("%s: %s", region, got)
		}
		cfg.BaseEndpoint = aws.String("http://emulator.test") // then the SDK signs for its own Region
		if _, err := iam.NewFromConfig(cfg).ListRoles(context.Background(), nil); (want == "") != (code(err) == "SignatureDoesNotMatch") {
			t.Errorf("%s behind an address of one's own: %v", region, err)
		}
	}
}

func TestIAMTellsAllThatIsWrongWithAForm(t *testing.T) {
	e, _ := startIAM(t)
	k := userWith(t, e, "typist", allowIAM)
	for form, want := range map[string]string{
		"Action=GetRole":                       "MissingAuthenticationToken",
		"Action=GetRoles":                      "InvalidAction",
		"":                                     "MissingAuthenticationToken",
		"Action=GetRole&RoleName=a&RoleName=b": "The parameter RoleName is given more than once",
		"Action=GetRole&Role=a":                "2 validation errors detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null; The parameter Role is not one of this operation",
		"Action=TagRole&RoleName=a":            "NoSuchEntity",
		"Action=UntagRole&RoleName=a":          "'tagKeys' failed to satisfy constraint: Member must not be null",
		"Action=TagRole&RoleName=a&Tags.member.2.Key=k": "its members are not numbered from 1",
		"Action=TagRole&RoleName=a&Tags.member.x=k":     "its members are not numbered from 1",
		"Action=ListRoles&MaxItems=0":                   "greater than or equal to 1",
		"Action=ListRoles&MaxItems=many":                "Member must be a number",
		"Action=ListPolicies&Scope=Mine":                "enum value set: [All, AWS, Local]",
		"%zz":                                           "MalformedQueryString",
	} {
		if strings.HasPrefix(form, "Action=GetRoles") || form == "" || form == "%zz" || form == "Action=GetRole" {
			// These come unsigned: IAM looks at the signature after the action.
			status, body := postForm(t, e, form)
			if status < 400 || !strings.Contains(body, want) {
				t.Errorf("%s: %d %s", form, status, body)
			}
			continue
		}
		_, body := postForm(t, e, form, k)
		if !strings.Contains(body, strings.NewReplacer("'", "&#39;").Replace(want)) {
			t.Errorf("%s: %s, want %s", form, body, want)
		}
	}
}

// postForm sends a form to IAM's own host, signed when a key is given.
func postForm(t *testing.T, e *emulator.Emulator, form string, keys ...emulator.Key) (int, string) {
	t.Helper()
	if form != "" && form != "%zz" {
		form += "&Version=2010-05-08"
	}
	req, err := http.NewRequest(http.MethodPost, "https://iam.amazonaws.com/", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) > 0 {
		req = signedFor(t, keys[0], "iam", time.Now(), http.MethodPost, "https://iam.amazonaws.com/", form)
	}
	resp, err := e.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestTheStateOfIAMSpellsEqualPoliciesAlike(t *testing.T) {
	a, one := startIAM(t)
	b, two := startIAM(t)
	spelled := strings.NewReplacer(`"Statement":[`, `"Statement": `, `}]}`, `} }`, `"sts:AssumeRoleWithWebIdentity"`, `[ "sts:AssumeRoleWithWebIdentity" ]`, `:"bedrock"`, `:["bedrock"]`).Replace(trustSetup)
	if spelled == trustSetup {
		t.Fatal("the two spellings are one")
	}
	for client, trust := range map[*iam.Client]string{one: trustSetup, two: spelled} {
		if _, err := createRole(client, "r", trust); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(a.IAM(), b.IAM()); diff != "" {
		t.Error(diff)
	}
	req, err := http.NewRequest(http.MethodGet, "http://aws.test/_emulator/iam", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, body := ask(t, a, req)
	var got emulator.IAMState
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Roles) != 1 || got.Roles[0].ARN != a.IAM().Roles[0].ARN {
		t.Errorf("the control surface says %s, %v", body, err)
	}
}
