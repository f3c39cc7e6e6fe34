package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

const (
	setupHost  = "setup.adit.test"
	setupARN   = "arn:aws:iam::111122223333:oidc-provider/" + setupHost
	allowIAM   = `{"Effect":"Allow","Action":"iam:*","Resource":"*"}`
	trustSetup = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + setupARN + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"` + setupHost + `:aud":"bedrock","` + setupHost + `:sub":"env:org:env"}}}]}`
	embedOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"arn:aws:bedrock:*::foundation-model/*"}]}`
)

// issuerDocuments answers with as much of an issuer as IAM looks at.
func issuerDocuments() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"issuer":"https://%s","jwks_uri":"https://%s/.well-known/jwks.json"}`, r.Host, r.Host)
	})
}

// startIAM is an emulator with an issuer that it can reach, and a client of a
// user who may do everything in IAM.
func startIAM(t *testing.T, opts ...emulator.Option) (*emulator.Emulator, *iam.Client) {
	t.Helper()
	e, _ := start(t, append([]emulator.Option{emulator.WithIssuer(setupHost, issuerDocuments())}, opts...)...)
	return e, iam.NewFromConfig(configFor(e, userWith(t, e, "admin", allowIAM)))
}

func userWith(t *testing.T, e *emulator.Emulator, name string, statements ...string) emulator.Key {
	t.Helper()
	k, err := e.AddUser(name, document(statements...))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func createRole(client *iam.Client, name, trust string, change ...func(*iam.CreateRoleInput)) (*iam.CreateRoleOutput, error) {
	in := &iam.CreateRoleInput{RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(trust)}
	for _, c := range change {
		c(in)
	}
	return client.CreateRole(context.Background(), in)
}

func TestAProviderIsMadeOnceReadChangedAndDeleted(t *testing.T) {
	e, client := startIAM(t)
	ctx := context.Background()
	in := &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://" + setupHost), ClientIDList: []string{"bedrock"}, Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("adit")}},
	}
	made, err := client.CreateOpenIDConnectProvider(ctx, in)
	if err != nil || *made.OpenIDConnectProviderArn != setupARN || len(made.Tags) != 1 {
		t.Fatalf("got %+v, %v", made, err)
	}
	if _, err := client.CreateOpenIDConnectProvider(ctx, in); code(err) != "EntityAlreadyExists" {
		t.Errorf("the second time: %v", err)
	}
	arn := aws.String(setupARN)
	for range 2 { // every one of these may be repeated
		for name, err := range map[string]error{
			"add":    second(client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("other")})),
			"remove": second(client.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("bedrock")})),
			"print":  second(client.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{strings.Repeat("AB", 20)}})),
			"tag":    second(client.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("a b")}}})),
			"untag":  second(client.UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, TagKeys: []string{"owner"}})),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	got, err := client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	if err != nil || *got.Url != setupHost || got.CreateDate == nil {
		t.Fatalf("got %+v, %v", got, err)
	}
	want := emulator.IAMProviderState{ARN: setupARN, URL: setupHost, ClientIDs: []string{"other"}, Thumbprints: []string{strings.Repeat("ab", 20)}, Tags: map[string]string{"team": "a b"}}
	if diff := cmp.Diff([]emulator.IAMProviderState{want}, e.IAM().Providers); diff != "" {
		t.Error(diff)
	}
	all, err := client.ListOpenIDConnectProviders(ctx, nil)
	if err != nil || len(all.OpenIDConnectProviderList) != 1 || *all.OpenIDConnectProviderList[0].Arn != setupARN {
		t.Errorf("got %+v, %v", all, err)
	}
	for range 2 {
		if _, err := client.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn}); code(err) != "NoSuchEntity" {
		t.Errorf("after it was deleted: %v", err)
	}
}

// second is a call's error.
func second[T any](_ T, err error) error { return err }

func TestAProviderThatAWSWouldNotTakeIsRefused(t *testing.T) {
	_, client := startIAM(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	tags := func(keys ...string) (list []types.Tag) {
		for _, k := range keys {
			list = append(list, types.Tag{Key: aws.String(k), Value: aws.String("v")})
		}
		return list
	}
	for name, c := range map[string]struct {
		in   iam.CreateOpenIDConnectProviderInput
		want string
	}{
		"http":             {iam.CreateOpenIDConnectProviderInput{Url: aws.String("http://" + setupHost)}, "InvalidInput"},
		"no scheme":        {iam.CreateOpenIDConnectProviderInput{Url: aws.String(setupHost)}, "ValidationError"},
		"a port":           {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost + ":8443")}, "ValidationError"},
		"a query":          {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost + "?a=b")}, "ValidationError"},
		"256 characters":   {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost + "/" + strings.Repeat("a", 255-len("https://"+setupHost)))}, "ValidationError"},
		"unreachable":      {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://nobody.adit.test")}, "OpenIdIdpCommunicationError"},
		"no document":      {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost + "/nothing")}, "OpenIdIdpCommunicationError"},
		"101 audiences":    {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), ClientIDList: many}, "LimitExceeded"},
		"six thumbprints":  {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), ThumbprintList: []string{sha, sha, sha, sha, sha, sha}}, "InvalidInput"},
		"short thumbprint": {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), ThumbprintList: []string{"ab"}}, "ValidationError"},
		"odd thumbprint":   {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), ThumbprintList: []string{strings.Repeat("z", 40)}}, "InvalidInput"},
		"a tag's letters":  {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), Tags: tags("a<b>")}, "ValidationError"},
		"the same tag":     {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), Tags: tags("a", "A")}, "InvalidInput"},
		"AWS's tags":       {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), Tags: tags("aws:owner")}, "InvalidInput"},
		"51 tags":          {iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + setupHost), Tags: tags(many[:51]...)}, "LimitExceeded"},
	} {
		if _, err := client.CreateOpenIDConnectProvider(context.Background(), &c.in); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

const sha = "0123456789abcdef0123456789abcdef01234567"

func TestARoleIsMadeReadChangedAndDeleted(t *testing.T) {
	e, client := startIAM(t)
	ctx, name := context.Background(), aws.String("Adit")
	made, err := createRole(client, "Adit", trustSetup, func(in *iam.CreateRoleInput) {
		in.Path, in.Description, in.MaxSessionDuration = aws.String("/platform/"), aws.String("Embeddings & more"), aws.Int32(7200)
		in.Tags = []types.Tag{{Key: aws.String("adit:owner"), Value: aws.String("default")}}
	})
	if err != nil || *made.Role.Arn != "arn:aws:iam::111122223333:role/platform/Adit" {
		t.Fatalf("got %+v, %v", made, err)
	}
	if _, err := createRole(client, "aDIT", trustSetup); code(err) != "EntityAlreadyExists" {
		t.Errorf("the same name in other letters: %v", err)
	}
	got, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	if err != nil {
		t.Fatal(err)
	}
	r := got.Role
	trust, err := url.QueryUnescape(*r.AssumeRolePolicyDocument)
	if err != nil || trust != trustSetup || strings.ContainsAny(*r.AssumeRolePolicyDocument, `{" `) {
		t.Errorf("the trust policy came back as %s", *r.AssumeRolePolicyDocument)
	}
	if *r.MaxSessionDuration != 7200 || *r.Description != "Embeddings & more" || *r.Tags[0].Key != "adit:owner" || r.RoleLastUsed == nil {
		t.Errorf("got %+v", r)
	}
	for step, err := range []error{
		second(client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(43_200)})),
		second(client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(strings.Replace(trustSetup, "env:org", "env:other", 1))})),
		second(client.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("ADIT:owner"), Value: aws.String("new")}, {Key: aws.String("b"), Value: aws.String("")}}})),
		second(client.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"b", "none"}})),
		second(client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("embed"), PolicyDocument: aws.String(embedOnly)})),
		second(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(bedrockReader)})),
		second(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(bedrockReader)})),
		second(client.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: aws.String(bedrockReader)})),
	} {
		if err != nil {
			t.Errorf("change %d: %v", step, err)
		}
	}
	want := emulator.IAMRoleState{
		ARN: *r.Arn, Description: "Embeddings & more", MaxSessionSeconds: 43_200, Boundary: bedrockReader, Attached: []string{bedrockReader},
		Tags: map[string]string{"ADIT:owner": "new"},
	}
	state := e.IAM().Roles[0]
	if len(state.Inline) != 1 || !strings.Contains(string(state.Trust), "env:other:env") {
		t.Errorf("the state is %+v", state)
	}
	state.Trust, state.Inline = nil, nil
	if diff := cmp.Diff(want, state); diff != "" {
		t.Error(diff)
	}
	del := func() string { return code(second(client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}))) }
	steps := []string{del()}
	steps = append(steps, code(second(client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(bedrockReader)}))), del())
	steps = append(steps, code(second(client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("embed")}))))
	steps = append(steps, code(second(client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name}))), del(), del())
	if diff := cmp.Diff([]string{"DeleteConflict", "", "DeleteConflict", "", "", "", "NoSuchEntity"}, steps); diff != "" {
		t.Error(diff)
	}
}

const bedrockReader = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly"

func TestWhatIsNotThereIsNoSuchEntity(t *testing.T) {
	_, client := startIAM(t)
	ctx, none := context.Background(), aws.String("none")
	arn := aws.String("arn:aws:iam::111122223333:policy/none")
	if _, err := createRole(client, "there", trustSetup); err != nil {
		t.Fatal(err)
	}
	there := aws.String("there")
	for name, err := range map[string]error{
		"GetRole":             second(client.GetRole(ctx, &iam.GetRoleInput{RoleName: none})),
		"UpdateRole":          second(client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: none})),
		"trust":               second(client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: none, PolicyDocument: aws.String(trustSetup)})),
		"TagRole":             second(client.TagRole(ctx, &iam.TagRoleInput{RoleName: none, Tags: []types.Tag{}})),
		"ListRoleTags":        second(client.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: none})),
		"PutRolePolicy":       second(client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: none, PolicyName: none, PolicyDocument: aws.String(embedOnly)})),
		"GetRolePolicy":       second(client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: there, PolicyName: none})),
		"DeleteRolePolicy":    second(client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: there, PolicyName: none})),
		"ListRolePolicies":    second(client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: none})),
		"attach":              second(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: there, PolicyArn: arn})),
		"attach to none":      second(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: none, PolicyArn: aws.String(bedrockReader)})),
		"detach":              second(client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: there, PolicyArn: arn})),
		"listed":              second(client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: none})),
		"boundary":            second(client.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: there, PermissionsBoundary: arn})),
		"no boundary":         second(client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: there})),
		"instance profiles":   second(client.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: none})),
		"GetPolicy":           second(client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})),
		"GetPolicyVersion":    second(client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String(bedrockReader), VersionId: aws.String("v9")})),
		"DeletePolicy":        second(client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})),
		"provider's tags":     second(client.ListOpenIDConnectProviderTags(ctx, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: aws.String(setupARN)})),
		"provider's audience": second(client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(setupARN), ClientID: none})),
		"another account's":   second(client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::444455556666:policy/none")})),
	} {
		if code(err) != "NoSuchEntity" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARoleThatAWSWouldNotTakeIsRefused(t *testing.T) {
	_, client := startIAM(t)
	long := document(strings.Repeat(trustStatement+",", 10) + trustStatement)
	for name, c := range map[string]struct {
		role, trust string
		change      func(*iam.CreateRoleInput)
		want        string
	}{
		"a name":        {"no spaces", trustSetup, nil, "ValidationError"},
		"65 letters":    {strings.Repeat("a", 65), trustSetup, nil, "ValidationError"},
		"a path":        {"r", trustSetup, func(in *iam.CreateRoleInput) { in.Path = aws.String("platform/") }, "ValidationError"},
		"a double path": {"r", trustSetup, func(in *iam.CreateRoleInput) { in.Path = aws.String("/a//b/") }, "ValidationError"},
		"too short":     {"r", trustSetup, func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(3599) }, "ValidationError"},
		"too long":      {"r", trustSetup, func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(43_201) }, "ValidationError"},
		"description":   {"r", trustSetup, func(in *iam.CreateRoleInput) { in.Description = aws.String("日本") }, "ValidationError"},
		"boundary":      {"r", trustSetup, func(in *iam.CreateRoleInput) { in.PermissionsBoundary = aws.String("arn:aws:iam::aws:policy/None") }, "NoSuchEntity"},
		"tags": {"r", trustSetup, func(in *iam.CreateRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}, {Key: aws.String("K"), Value: aws.String("v")}}
		}, "InvalidInput"},
		"2049 characters": {"r", long, nil, "LimitExceeded"},
		"no JSON":         {"r", "{", nil, "MalformedPolicyDocument"},
		"old version":     {"r", strings.Replace(trustSetup, "2012-10-17", "2008-10-17", 1), nil, "MalformedPolicyDocument"},
		"a resource":      {"r", strings.Replace(trustSetup, `"Action"`, `"Resource":"*","Action"`, 1), nil, "MalformedPolicyDocument"},
		"no principal":    {"r", strings.Replace(trustSetup, `"Principal":{"Federated":"`+setupARN+`"},`, "", 1), nil, "MalformedPolicyDocument"},
		"principal type":  {"r", strings.Replace(trustSetup, `"Federated"`, `"Issuer"`, 1), nil, "MalformedPolicyDocument"},
		"principal":       {"r", strings.Replace(trustSetup, setupARN, "https://"+setupHost, 1), nil, "MalformedPolicyDocument"},
		"without account": {"r", strings.Replace(trustSetup, "111122223333", "", 1), nil, "MalformedPolicyDocument"},
		"action":          {"r", strings.Replace(trustSetup, "sts:AssumeRole", "iam:AssumeRole", 1), nil, "MalformedPolicyDocument"},
		"operator":        {"r", strings.Replace(trustSetup, "StringEquals", "NumericEquals", 1), nil, "MalformedPolicyDocument"},
		"a date":          {"r", strings.Replace(trustSetup, "StringEquals", "DateLessThan", 1), nil, "MalformedPolicyDocument"},
		"condition":       {"r", strings.Replace(trustSetup, `{"StringEquals"`, `{"StringEquals":[],"x"`, 1), nil, "MalformedPolicyDocument"},
	} {
		change := c.change
		if change == nil {
			change = func(*iam.CreateRoleInput) {}
		}
		if _, err := createRole(client, c.role, c.trust, change); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	all, err := client.ListRoles(context.Background(), nil)
	if err != nil || len(all.Roles) != 0 {
		t.Errorf("a refused role was made: %+v, %v", all, err)
	}
}

var trustStatement = strings.TrimSuffix(strings.TrimPrefix(trustSetup, `{"Version":"2012-10-17","Statement":[`), "]}")
