package emulator_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

func TestOpaqueARNsStandForTheModelTheyWereMadeFrom(t *testing.T) {
	e, cfg := start(t, emulator.WithQuota(titan2, 1))
	profile, err := e.AddApplicationProfile("us-east-1", "profile00001", titan2)
	if err != nil {
		t.Fatal(err)
	}
	overProfile, err := e.AddApplicationProfile("us-east-1", "profile00002", coh4)
	if err != nil {
		t.Fatal(err)
	}
	bought, err := e.AddProvisionedModel("us-east-1", "bought000001", titan2)
	if err != nil {
		t.Fatal(err)
	}
	titan := `{"inputText":"x"}`
	var got []string
	say := func(_ any, err error) { got = append(got, code(err)) }
	say(invoke(cfg, profile, titan))
	say(invoke(cfg, titan2, titan)) // the profile has spent the model's quota
	say(invoke(cfg, bought, titan)) // bought throughput has its own
	say(invoke(cfg, bought, titan))
	say(invoke(cfg, overProfile, cohereBody("", "x")))
	say(invoke(cfg, strings.Replace(profile, "profile00001", "profile00009", 1), titan))
	say(invoke(cfg, strings.Replace(profile, "us-east-1", "us-west-2", 1), titan))
	want := []string{"", "ThrottlingException", "", "", "", "ResourceNotFoundException", "ValidationException"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnOpaqueARNIsAResourceOfItsOwn(t *testing.T) {
	e, _ := start(t)
	profile, err := e.AddApplicationProfile("us-east-1", "profile00001", titan2)
	if err != nil {
		t.Fatal(err)
	}
	bought, err := e.AddProvisionedModel("us-east-1", "bought000001", titan2)
	if err != nil {
		t.Fatal(err)
	}
	const onlyThem = `{"Effect":"Allow","Action":"bedrock:InvokeModel","Resource":["arn:aws:bedrock:*:111122223333:application-inference-profile/*","arn:aws:bedrock:*:111122223333:provisioned-model/*"]}`
	k, err := e.AddUser("u", document(onlyThem))
	if err != nil {
		t.Fatal(err)
	}
	call := func(model string) int {
		status, _, _ := ask(t, e, signed(t, k, time.Now(), "POST", "http://aws.test/model/"+url.PathEscape(model)+"/invoke", `{"inputText":"x"}`))
		return status
	}
	if profile, bought := call(profile), call(bought); profile != 403 || bought != 200 {
		t.Errorf("without the model's own right: profile %d, bought throughput %d", profile, bought)
	}
	if err := e.SetPolicies(k.AccessKeyID, document(onlyThem, anyModel)); err != nil {
		t.Fatal(err)
	}
	if got := call(profile); got != 200 {
		t.Errorf("with it: %d", got)
	}
}

func TestTheControlPlaneRefusesWhatItDoesNotKnow(t *testing.T) {
	e, _ := start(t)
	if _, err := e.AddApplicationProfile("us-east-1", "profile00001", titan2); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"foundation-models?byOutputModality=VECTOR":                                                  "400 Member must satisfy enum value set",
		"foundation-models?byOutputModality=TEXT":                                                    `200 {"modelSummaries":[]}`,
		"foundation-models?byInferenceType=PROVISIONED":                                              "200 amazon.titan-embed-text-v1:2:8k",
		"foundation-models?maxResults=3":                                                             "400 maxResults is unknown",
		"foundation-models/none.such-v1":                                                             "404 Could not resolve",
		"foundation-models/" + url.PathEscape("arn:aws:bedrock:us-east-1::foundation-model/"+titan2): "200 Titan Text Embeddings V2",
		"foundation-model-availability/none.such-v1":                                                 "404 Could not resolve",
		"inference-profiles?type=OTHER":                                                              "400 typeEquals",
		"inference-profiles?maxResults=0":                                                            "400 maxResults",
		"inference-profiles?nextToken=zzz":                                                           "400 nextToken",
		"inference-profiles?type=APPLICATION":                                                        "200 profile00001",
		"inference-profiles/profile00001":                                                            "200 application-inference-profile/profile00001",
		"inference-profiles/" + url.PathEscape(profile4):                                             "200 us.cohere.embed-v4:0",
		"inference-profiles/eu.cohere.embed-v4:0":                                                    "404 does not exist",
		"custom-models":                                 `200 {"modelSummaries":[]}`,
		"custom-models?sortOrder=Up":                    "400 sortOrder",
		"custom-models?creationTimeAfter=yesterday":     "400 timestamp",
		"provisioned-model-throughputs?statusEquals=On": "400 statusEquals",
		"provisioned-model-throughputs/x":               "404 Unknown operation",
	} {
		status, text, _ := strings.Cut(want, " ")
		got, _, body := ask(t, e, signed(t, e.DefaultKey(), time.Now(), "GET", "http://aws.test/"+path, ""))
		if status != map[int]string{200: "200", 400: "400", 404: "404"}[got] || !strings.Contains(body, text) {
			t.Errorf("%s: %d %.200s, want %s", path, got, body, want)
		}
	}
}

func TestAWrongOptionIsAnErrorOfNew(t *testing.T) {
	for name, o := range map[string]emulator.Option{
		"account":     emulator.WithAccount("1234"),
		"latency":     emulator.WithLatency(2, 1),
		"trail":       emulator.WithTrailSize(0),
		"quota":       emulator.WithQuota("", 1),
		"fault kind":  emulator.WithFault(emulator.Fault{Kind: "flood"}),
		"probability": emulator.WithFault(emulator.Fault{Kind: emulator.FaultCut, Probability: 2}),
		"status":      emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 200}),
		"empty delay": emulator.WithFault(emulator.Fault{Kind: emulator.FaultDelay}),
		"half a key":  emulator.WithKey(emulator.Key{AccessKeyID: "AKIA"}),
		"principal":   emulator.WithKey(emulator.Key{AccessKeyID: "AKIA", SecretAccessKey: "s", Principal: "root"}),
		"role":        emulator.WithKey(emulator.Key{AccessKeyID: "AKIA", SecretAccessKey: "s", Principal: "arn:aws:iam::111122223333:role/r"}),
	} {
		if _, err := emulator.New(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestAnotherAccountIsPlayedThroughout(t *testing.T) {
	e, _ := start(t, emulator.WithAccount("444455556666"), emulator.WithoutDefaultKey())
	if k := e.DefaultKey(); k.AccessKeyID != "" {
		t.Errorf("there is a key %s", k)
	}
	arn, err := e.AddApplicationProfile("us-gov-west-1", "profile00001", titan2)
	if err != nil || arn != "arn:aws-us-gov:bedrock:us-gov-west-1:444455556666:application-inference-profile/profile00001" {
		t.Errorf("got %s, %v", arn, err)
	}
	for _, c := range [][3]string{{"us-east-9", "profile00001", titan2}, {"us-east-1", "p", titan2}, {"us-east-1", "profile00001", "none"}, {"us-gov-west-1", "profile00001", titan2}} {
		if _, err := e.AddApplicationProfile(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v was accepted", c)
		}
	}
}
