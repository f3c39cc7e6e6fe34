package bedrock_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/secret"
)

// controlPlane answers like Bedrock's control plane, from tables by path.
type controlPlane struct {
	mu      sync.Mutex
	entries map[string][]string // "custom-models" or "inference-profiles?APPLICATION" -> entries
	refuse  map[string]int      // path -> status, as often as it says in times
	times   map[string]int
	asked   map[string]int
}

var members = map[string]string{
	"foundation-models": "modelSummaries", "inference-profiles": "inferenceProfileSummaries",
	"custom-models": "modelSummaries", "provisioned-model-throughputs": "provisionedModelSummaries",
}

func (c *controlPlane) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	path, q := strings.TrimPrefix(req.URL.Path, "/"), req.URL.Query()
	key := path
	if t := q.Get("type"); t != "" {
		key += "?" + t
	}
	if c.asked == nil {
		c.asked = map[string]int{}
	}
	c.asked[key]++
	if status := c.refuse[key]; status != 0 && (c.times == nil || c.asked[key] <= c.times[key]) {
		code := map[int]string{403: "AccessDeniedException", 429: "ThrottlingException", 404: "ResourceNotFoundException"}[status]
		return respond(status, fmt.Sprintf(`{"message":"no %s for session-token-of-the-role"}`, key), http.Header{"X-Amzn-Errortype": {code + ":x"}, "X-Amzn-Requestid": {"r-1"}}), nil
	}
	if base, ok := strings.CutPrefix(path, "foundation-model-availability/"); ok {
		answer, ok := c.entries["availability "+base]
		if !ok {
			answer = []string{`{"agreementAvailability":{"status":"AVAILABLE"},"authorizationStatus":"AUTHORIZED","entitlementAvailability":"AVAILABLE","regionAvailability":"AVAILABLE"}`}
		}
		return respond(200, answer[0], nil), nil
	}
	from, _ := strconv.Atoi(q.Get("nextToken"))
	list := c.entries[key]
	size, err := strconv.Atoi(q.Get("maxResults"))
	if err != nil {
		size = len(list)
	}
	to := min(len(list), from+size)
	next := ""
	if to < len(list) {
		next = `,"nextToken":"` + strconv.Itoa(to) + `"`
	}
	return respond(200, `{"`+members[path]+`":[`+strings.Join(list[from:to], ",")+`]`+next+`}`, nil), nil
}

func respond(status int, body string, h http.Header) *http.Response {
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func foundation(id, name, output string, inference ...string) string {
	b, _ := json.Marshal(map[string]any{
		"modelId": id, "modelName": name, "providerName": "P", "inputModalities": []string{"TEXT"}, "outputModalities": []string{output},
		"inferenceTypesSupported": inference, "modelLifecycle": map[string]string{"status": "ACTIVE", "endOfLifeTime": "2027-01-02T03:04:05Z"},
	})
	return string(b)
}

func listedProfile(id, arn, model string, regions ...string) string {
	var models []string
	for _, r := range regions {
		models = append(models, `{"modelArn":"arn:aws:bedrock:`+r+`::foundation-model/`+model+`"}`)
	}
	return `{"inferenceProfileId":"` + id + `","inferenceProfileArn":"` + arn + `","inferenceProfileName":"name of ` + id + `","status":"ACTIVE","models":[` + strings.Join(models, ",") + `]}`
}

const inAccount = "arn:aws:bedrock:us-east-1:111122223333:"

func account() *controlPlane {
	return &controlPlane{entries: map[string][]string{
		"foundation-models": {
			foundation("amazon.titan-embed-text-v2:0", "Titan", "EMBEDDING", "ON_DEMAND"),
			foundation("amazon.titan-embed-text-v2:0:8k", "Titan", "EMBEDDING"),
			foundation("cohere.embed-v4:0", "Embed v4", "EMBEDDING", "INFERENCE_PROFILE"),
			foundation("acme.chat-v1", "Chat", "TEXT", "INFERENCE_PROFILE"),
			foundation("acme.rented-v1", "Rented", "TEXT", "PROVISIONED"),
		},
		"inference-profiles?SYSTEM_DEFINED": {
			listedProfile("us.cohere.embed-v4:0", inAccount+"inference-profile/us.cohere.embed-v4:0", "cohere.embed-v4:0", "us-west-2", "us-east-1"),
			listedProfile("global.cohere.embed-v4:0", inAccount+"inference-profile/global.cohere.embed-v4:0", "cohere.embed-v4:0", "us-east-1", ""),
		},
		"inference-profiles?APPLICATION": {listedProfile("ab12cd34ef56", inAccount+"application-inference-profile/ab12cd34ef56", "amazon.titan-embed-text-v2:0", "us-east-1")},
		"custom-models":                  {`{"modelArn":"` + inAccount + `custom-model/amazon.titan-embed-text-v1/abcdefghijkl","modelName":"mine","baseModelArn":"arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v1","modelStatus":"Creating"}`},
		"provisioned-model-throughputs":  {`{"provisionedModelArn":"` + inAccount + `provisioned-model/abcdefghijkl","provisionedModelName":"bought","foundationModelArn":"arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3","status":"InService"}`},
		"availability acme.chat-v1":      {`{"agreementAvailability":{"status":"NOT_AVAILABLE"},"authorizationStatus":"AUTHORIZED","entitlementAvailability":"NOT_AVAILABLE","regionAvailability":"AVAILABLE"}`},
		"availability acme.rented-v1":    {`{"agreementAvailability":{"status":"AVAILABLE"},"authorizationStatus":"NOT_AUTHORIZED","entitlementAvailability":"AVAILABLE","regionAvailability":"AVAILABLE"}`},
	}}
}

func listOf(c http.RoundTripper) bedrock.ListSettings {
	return bedrock.ListSettings{Region: "us-east-1", HTTP: c, Credentials: credential.Credentials{
		AccessKeyID: "ASIA", SecretAccessKey: secret.New("a-secret-key"), SessionToken: secret.New("session-token-of-the-role"),
	}}
}

func TestAListingHasOneRowForEachIdThatCanBeInvoked(t *testing.T) {
	got, err := bedrock.List(t.Context(), listOf(account()))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, m := range got.Models {
		rows = append(rows, strings.Join([]string{m.ID, string(m.Origin), m.Family, string(m.Access.State), strings.Join(m.Destinations, " "), m.Why}, "|"))
	}
	want := []string{
		"amazon.titan-embed-text-v2:0|foundation|titan-text-v2|granted||",
		inAccount + "application-inference-profile/ab12cd34ef56|application-profile|titan-text-v2|granted|us-east-1|",
		inAccount + "custom-model/amazon.titan-embed-text-v1/abcdefghijkl|custom|titan-text-v1|granted||its status is Creating",
		inAccount + "provisioned-model/abcdefghijkl|provisioned|cohere-v3|granted||",
		"global.cohere.embed-v4:0|system-profile|cohere-v4|granted|global us-east-1|",
		"us.cohere.embed-v4:0|system-profile|cohere-v4|granted|us-east-1 us-west-2|",
		"acme.chat-v1|foundation||agreement-needed||it works only through an inference profile, and no listed profile leads to it",
		"acme.rented-v1|foundation||not-authorized||it needs provisioned throughput",
		"amazon.titan-embed-text-v2:0:8k|foundation||granted||it cannot be invoked by this id",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("warnings: %v", got.Warnings)
	}
	us := got.Models[5]
	if us.Name != "name of us.cohere.embed-v4:0" || us.Provider != "P" || us.Outputs[0] != "EMBEDDING" || us.Lifecycle != "ACTIVE" || us.EndOfLife.Year() != 2027 {
		t.Errorf("a profile tells too little: %+v", us)
	}
}

func TestEveryPageIsRead(t *testing.T) {
	c := account()
	for i := range 25 {
		c.entries["custom-models"] = append(c.entries["custom-models"], fmt.Sprintf(`{"modelArn":"%scustom-model/x.y/%012d","modelStatus":"Active"}`, inAccount, i))
	}
	s := listOf(c)
	s.PageSize = 10
	got, err := bedrock.List(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range got.Models {
		if m.Origin == bedrock.Custom {
			n++
		}
	}
	if n != 26 || c.asked["custom-models"] != 3 {
		t.Errorf("%d custom models of 26 in %d requests", n, c.asked["custom-models"])
	}
}

func TestAListThatFailsIsAWarningWithAWSsReasonAndNoSecret(t *testing.T) {
	c := account()
	c.refuse = map[string]int{"custom-models": 403, "foundation-model-availability/acme.chat-v1": 404}
	got, err := bedrock.List(t.Context(), listOf(c))
	if err != nil {
		t.Fatal(err)
	}
	want := []bedrock.ListWarning{{
		Operation: "ListCustomModels", Code: "AccessDeniedException", Said: "no custom-models for [redacted]", RequestID: "r-1",
		Message: "custom models are missing: AWS denied the call: the role's policy does not allow it. Run `adit aws setup` for the environment, which grants it.",
	}}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if len(got.Models) != 8 {
		t.Errorf("%d other models, not 8", len(got.Models))
	}
}

func TestUnreadAccessIsOneWarningAndEveryModelIsStillThere(t *testing.T) {
	c := account()
	c.refuse = map[string]int{"foundation-model-availability/cohere.embed-v4:0": 403}
	got, err := bedrock.List(t.Context(), listOf(c))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Models) != 9 || len(got.Warnings) != 1 || got.Warnings[0].Operation != "GetFoundationModelAvailability" {
		t.Errorf("%d models, warnings %v", len(got.Models), got.Warnings)
	}
	for _, m := range got.Models {
		if slices.Contains(m.Base, "cohere.embed-v4:0") && m.Access.State != bedrock.AccessUnknown {
			t.Errorf("%s: access %v", m.ID, m.Access)
		}
	}
}

func TestWhenNothingCanBeReadTheReasonIsTheError(t *testing.T) {
	c := &controlPlane{refuse: map[string]int{}}
	for _, path := range []string{"foundation-models", "inference-profiles?SYSTEM_DEFINED", "inference-profiles?APPLICATION", "custom-models", "provisioned-model-throughputs"} {
		c.refuse[path] = 403
	}
	got, err := bedrock.List(t.Context(), listOf(c))
	if f := fault.From(err); f == nil || f.Kind != fault.Refused || f.AWS == nil || len(got.Warnings) != 5 {
		t.Errorf("%v with %d warnings", err, len(got.Warnings))
	}
}

func TestThrottledListsAreTriedAgainAndEndlessOnesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := account()
		c.refuse, c.times = map[string]int{"custom-models": 429, "foundation-models": 429}, map[string]int{"custom-models": 2, "foundation-models": 99}
		got, err := bedrock.List(t.Context(), listOf(c))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Warnings) != 1 || got.Warnings[0].Operation != "ListFoundationModels" || c.asked["foundation-models"] != 4 || c.asked["custom-models"] != 3 {
			t.Errorf("%v after %v", got.Warnings, c.asked)
		}
	})
	endless := account()
	s := listOf(roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/custom-models" {
			return respond(200, `{"modelSummaries":[],"nextToken":"again"}`, nil), nil
		}
		return endless.RoundTrip(req)
	}))
	got, err := bedrock.List(t.Context(), s)
	if err != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0].Message, "does not end") {
		t.Errorf("%v, %v", got.Warnings, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestAListingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := listOf(roundTrip(func(req *http.Request) (*http.Response, error) {
		cancel()
		return nil, req.Context().Err()
	}))
	if _, err := bedrock.List(ctx, s); fault.KindOf(err) != fault.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestTheEmulatorIsListedWithNoMoreRightsThanTheListingNames(t *testing.T) {
	aws, err := emulator.New()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []model.Statement{{Effect: "Allow", Action: model.ListingActions(), Resource: "*"}}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := aws.AddUser("reader", string(policy))
	if err != nil {
		t.Fatal(err)
	}
	s := listOf(aws.Transport())
	s.Credentials = credential.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: secret.New(key.SecretAccessKey), SessionToken: secret.New(key.SessionToken)}
	now := time.Now()
	s.Now = func() time.Time { return now }
	got, err := bedrock.List(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) > 0 || !got.Read.Equal(now) {
		t.Errorf("read at %v with warnings %v", got.Read, got.Warnings)
	}
	families := map[string]bool{}
	for _, m := range got.Models {
		families[m.Family] = m.Access.State == bedrock.Granted
	}
	for _, f := range model.Families() {
		if !families[f.Name] {
			t.Errorf("the listing has no usable model of %s", f.Name)
		}
	}
	used := map[string]bool{}
	for _, e := range aws.Trail() {
		used["bedrock:"+e.Operation] = true
	}
	for _, a := range model.ListingActions() {
		if !used[a] {
			t.Errorf("%s is granted and never used", a)
		}
	}
}
