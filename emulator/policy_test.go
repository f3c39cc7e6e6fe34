package emulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// leastPrivilege is the policy of Bedrock's guides for Titan and Cohere v3 on
// demand, Cohere v4 through the US profile, and listing.
const leastPrivilege = `{"Version":"2012-10-17","Statement":[
 {"Sid":"Embed","Effect":"Allow","Action":"bedrock:InvokeModel","Resource":[
  "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-*","arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-*-v3"]},
 {"Sid":"EmbedV4Profile","Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.cohere.embed-v4:0"},
 {"Sid":"EmbedV4Models","Effect":"Allow","Action":"bedrock:InvokeModel","Resource":"arn:aws:bedrock:us-*::foundation-model/cohere.embed-v4:0",
  "Condition":{"StringLike":{"bedrock:InferenceProfileArn":"arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.cohere.embed-v4:0"}}},
 {"Sid":"List","Effect":"Allow","Action":["bedrock:ListFoundationModels","bedrock:ListInferenceProfiles"],"Resource":"*"}]}`

const (
	anyModel  = `{"Effect":"Allow","Action":"bedrock:Invoke*","Resource":"arn:aws:bedrock:*::foundation-model/*"}`
	anything  = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	profile4  = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.cohere.embed-v4:0"
	global4   = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.cohere.embed-v4:0"
	allowTmpl = `{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":%q}`
)

func TestACallNeedsARightToEveryResourceThatItTouches(t *testing.T) {
	e, _ := start(t)
	east := fmt.Sprintf(allowTmpl, "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-v4:0")
	for name, c := range map[string]struct {
		policy, model string
		refused       string // the resource named in the refusal, "" for success
	}{
		"least privilege, Titan":             {leastPrivilege, titan2, ""},
		"least privilege, Cohere v3":         {leastPrivilege, coh3, ""},
		"least privilege, Cohere v4 profile": {leastPrivilege, coh4, ""},
		"least privilege, profile's ARN":     {leastPrivilege, profile4, ""},
		"least privilege, global profile":    {leastPrivilege, "global.cohere.embed-v4:0", global4},
		"least privilege, Nova":              {leastPrivilege, novaID, "arn:aws:bedrock:us-east-1::foundation-model/" + novaID},
		"models without the profile":         {document(anyModel), coh4, profile4},
		"profile without models":             {document(fmt.Sprintf(allowTmpl, profile4)), coh4, "arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-v4:0"},
		"profile and one of its Regions":     {document(fmt.Sprintf(allowTmpl, profile4), east), coh4, "arn:aws:bedrock:us-east-2::foundation-model/cohere.embed-v4:0"},
		"global without the Region-less ARN": {document(fmt.Sprintf(allowTmpl, global4), east), "global.cohere.embed-v4:0", "arn:aws:bedrock:::foundation-model/cohere.embed-v4:0"},
		"global in full":                     {document(fmt.Sprintf(allowTmpl, global4), anyModel), "global.cohere.embed-v4:0", ""},
		"everything but a denied Region":     {document(anything, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-west-2"}}}`), coh4, "arn:aws:bedrock:us-west-2::foundation-model/cohere.embed-v4:0"},
		"everything, unspecified denied":     {document(anything, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:RequestedRegion":"unspec*"}}}`), "global.cohere.embed-v4:0", "arn:aws:bedrock:::foundation-model/cohere.embed-v4:0"},
		"not that action":                    {document(`{"Effect":"Allow","NotAction":"bedrock:InvokeModel","Resource":"*"}`), titan2, "arn:aws:bedrock:us-east-1::foundation-model/" + titan2},
		"all but one resource":               {document(`{"Effect":"Allow","Action":"bedrock:*","NotResource":"arn:aws:bedrock:*::foundation-model/cohere.*"}`), coh3, "arn:aws:bedrock:us-east-1::foundation-model/" + coh3},
		"a profile's key on a bare call":     {document(`{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"StringLike":{"bedrock:InferenceProfileArn":"*"}}}`), titan2, "arn:aws:bedrock:us-east-1::foundation-model/" + titan2},
		"the same, if it exists":             {document(`{"Effect":"Allow","Action":"bedrock:*","Resource":"*","Condition":{"StringLikeIfExists":{"bedrock:InferenceProfileArn":"x*"}}}`), titan2, ""},
		"wildcards stop at colons":           {document(`{"Effect":"Allow","Action":"bedrock:*","Resource":"arn:aws:bedrock:us-east-?:*:f*"}`), titan2, ""},
		"a colon is not a wildcard's":        {document(`{"Effect":"Allow","Action":"bedrock:*","Resource":"arn:aws:*us-east-1:x:x:foundation-model/*"}`), titan2, "arn:aws:bedrock:us-east-1::foundation-model/" + titan2},
	} {
		k, err := e.AddUser("someone", c.policy)
		if err != nil {
			t.Fatal(name, err)
		}
		body := cohereBody("", "a")
		if strings.Contains(c.model, "amazon") {
			body = `{"inputText":"a"}`
		}
		status, code, answer := ask(t, e, signed(t, k, time.Now(), "POST", "http://aws.test/model/"+url.PathEscape(c.model)+"/invoke", body))
		if c.refused == "" && status != 200 {
			t.Errorf("%s: %d %s %s", name, status, code, answer)
		}
		if c.refused != "" && (code != "AccessDeniedException" || !strings.Contains(answer, "on resource: "+c.refused+" ")) {
			t.Errorf("%s: %d %s %s, want a refusal of %s", name, status, code, answer, c.refused)
		}
	}
}

func TestListingNeedsARightToEverything(t *testing.T) {
	e, _ := start(t)
	for resource, want := range map[string]int{"*": 200, "arn:aws:bedrock:us-east-1::foundation-model/*": 403} {
		k, err := e.AddUser("lister", document(`{"Effect":"Allow","Action":"bedrock:ListFoundationModels","Resource":"`+resource+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		if status, code, _ := ask(t, e, signed(t, k, time.Now(), "GET", "http://aws.test/foundation-models", "")); status != want {
			t.Errorf("%s: %d %s", resource, status, code)
		}
	}
}

// TestAPolicyThatIsNotUnderstoodIsRefused: ignoring a part of a policy would
// grant more than it says.
func TestAPolicyThatIsNotUnderstoodIsRefused(t *testing.T) {
	e, _ := start(t)
	for _, p := range []string{
		``, `[]`, `{}`, `{"Version":"2012-10-17"}`,
		`{"Statement":` + anything + `}`,
		`{"Version":"2012-10-17","Statement":[]}`,
		`{"Version":"2012-10-17","Statement":[` + anything + `],"Extra":1}`,
		document(`{"Effect":"Maybe","Action":"*","Resource":"*"}`),
		document(`{"Effect":"Allow","Action":"*"}`),
		document(`{"Effect":"Allow","Action":"InvokeModel","Resource":"*"}`),
		document(`{"Effect":"Allow","Action":"*","NotAction":"a:b","Resource":"*"}`),
		document(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:bedrock:*"}`),
		document(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:bedrock:us-east-1::foundation-model/${aws:username}"}`),
		document(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`),
		document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`),
		document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}`),
		document(`{"Effect":"Allow","Action":[],"Resource":"*"}`),
	} {
		if _, err := e.AddUser("u", p); err == nil {
			t.Errorf("accepted %s", p)
		}
	}
}

func TestTheTrailTellsWhoDidWhat(t *testing.T) {
	e, _ := start(t)
	k := emulator.Key{
		AccessKeyID: "ASIAX", SecretAccessKey: "s", SessionToken: "t", Expires: time.Now().Add(time.Hour),
		Principal: "arn:aws:sts::111122223333:assumed-role/Embedder/caller-1", Policies: []string{document(anyModel)},
	}
	if err := e.AddKey(k); err != nil {
		t.Fatal(err)
	}
	ask(t, e, signed(t, k, time.Now(), "POST", titanURL, `{"inputText":"private words"}`))
	ask(t, e, signed(t, k, time.Now(), "GET", "http://aws.test/foundation-models", ""))
	got := e.Trail()
	for i := range got {
		if got[i].RequestID == "" || got[i].Time.IsZero() || got[i].Body != nil {
			t.Errorf("event %d: %+v", i, got[i])
		}
		got[i].RequestID, got[i].Time, got[i].Duration = "", time.Time{}, 0
	}
	who := emulator.Event{Service: "bedrock", Region: "us-east-1", Principal: k.Principal, SessionName: "caller-1", AccessKeyID: "ASIAX"}
	first, second := who, who
	first.Seq, first.Operation, first.Model, first.Status, first.Texts, first.Tokens, first.InFlight = 1, "InvokeModel", titan2, 200, 1, 3, 1
	second.Seq, second.Operation, second.Status, second.ErrorCode = 2, "ListFoundationModels", 403, "AccessDeniedException"
	if diff := cmp.Diff([]emulator.Event{first, second}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheTrailIsBoundedAndKeepsBodiesOnlyWhenAsked(t *testing.T) {
	e, _ := start(t, emulator.WithTrailSize(2), emulator.WithBodies())
	for _, text := range []string{"one", "two", "three"} {
		post(t, e, titan2, `{"inputText":"`+text+`"}`)
	}
	var got []string
	for _, ev := range e.Trail() {
		got = append(got, string(ev.Body))
	}
	if diff := cmp.Diff([]string{`{"inputText":"two"}`, `{"inputText":"three"}`}, got); diff != "" {
		t.Error(diff)
	}
}
