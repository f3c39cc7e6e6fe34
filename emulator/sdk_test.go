package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

// start is an emulator with a configuration of the real SDK that signs with
// key and speaks to it in memory.
func start(t *testing.T, opts ...emulator.Option) (*emulator.Emulator, aws.Config) {
	t.Helper()
	e, err := emulator.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return e, configFor(e, e.DefaultKey())
}

func configFor(e *emulator.Emulator, k emulator.Key) aws.Config {
	return aws.Config{
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, k.SessionToken),
		HTTPClient:       &http.Client{Transport: e.Transport()},
		RetryMaxAttempts: 1,
	}
}

// invoke sends one body with the real SDK.
func invoke(cfg aws.Config, model, body string) (*bedrockruntime.InvokeModelOutput, error) {
	return bedrockruntime.NewFromConfig(cfg).InvokeModel(context.Background(), &bedrockruntime.InvokeModelInput{
		ModelId: aws.String(model), Body: []byte(body), ContentType: aws.String("application/json"),
	})
}

// code is AWS's error code, "" for success.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return "not an AWS error: " + err.Error()
	}
	return ""
}

func TestTheSDKInvokesTitanAndFindsItsVectorTwice(t *testing.T) {
	_, cfg := start(t)
	out, err := invoke(cfg, "amazon.titan-embed-text-v2:0", `{"inputText":"a level passage into a mine","dimensions":256}`)
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Embedding       []float32
		InputTokens     int                       `json:"inputTextTokenCount"`
		EmbeddingByType struct{ Float []float32 } `json:"embeddingsByType"`
	}
	if err := json.Unmarshal(out.Body, &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Embedding) != 256 || body.InputTokens == 0 {
		t.Errorf("got %d dimensions and %d tokens", len(body.Embedding), body.InputTokens)
	}
	if diff := cmp.Diff(body.Embedding, body.EmbeddingByType.Float); diff != "" {
		t.Errorf("the two copies differ: %s", diff)
	}
}

func TestTheSDKListsModelsAndProfiles(t *testing.T) {
	_, cfg := start(t)
	client := bedrock.NewFromConfig(cfg)
	models, err := client.ListFoundationModels(context.Background(), &bedrock.ListFoundationModelsInput{
		ByProvider: aws.String("Cohere"), ByInferenceType: bedrocktypes.InferenceTypeOnDemand,
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range models.ModelSummaries {
		ids = append(ids, *m.ModelId)
	}
	if diff := cmp.Diff([]string{"cohere.embed-english-v3", "cohere.embed-multilingual-v3"}, ids); diff != "" {
		t.Error(diff)
	}
	var profiles []string
	for pages := bedrock.NewListInferenceProfilesPaginator(client, &bedrock.ListInferenceProfilesInput{MaxResults: aws.Int32(1)}); pages.HasMorePages(); {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.InferenceProfileSummaries {
			profiles = append(profiles, *p.InferenceProfileId)
		}
	}
	if diff := cmp.Diff([]string{"us.cohere.embed-v4:0", "global.cohere.embed-v4:0"}, profiles); diff != "" {
		t.Error(diff)
	}
	got, err := client.GetInferenceProfile(context.Background(), &bedrock.GetInferenceProfileInput{InferenceProfileIdentifier: aws.String("us.cohere.embed-v4:0")})
	if err != nil || len(got.Models) != 3 || got.CreatedAt == nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := client.GetFoundationModel(context.Background(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("cohere.embed-v4:0")}); err != nil {
		t.Error(err)
	}
	av, err := client.GetFoundationModelAvailability(context.Background(), &bedrock.GetFoundationModelAvailabilityInput{ModelId: aws.String("cohere.embed-v4:0")})
	if err != nil || av.AuthorizationStatus != bedrocktypes.AuthorizationStatusAuthorized {
		t.Errorf("got %+v, %v", av, err)
	}
}

func TestTheSDKLearnsWhoItIs(t *testing.T) {
	e, cfg := start(t)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if *who.Arn != "arn:aws:iam::111122223333:user/adit" || *who.Account != e.Account() {
		t.Errorf("got %s in %s", *who.Arn, *who.Account)
	}
}

func TestWhoMayNotEnterGetsAWSsOwnRefusal(t *testing.T) {
	e, _ := start(t)
	good := e.DefaultKey()
	stale := emulator.Key{AccessKeyID: "ASIASTALE", SecretAccessKey: "s", SessionToken: "t", Expires: time.Now().Add(-time.Minute), Principal: "arn:aws:sts::111122223333:assumed-role/Stale/s"}
	if err := e.AddKey(stale); err != nil {
		t.Fatal(err)
	}
	wrongSecret, wrongToken, unknown := good, stale, good
	wrongSecret.SecretAccessKey += "x"
	wrongToken.SessionToken = "other"
	unknown.AccessKeyID = "AKIAUNKNOWN"
	for name, c := range map[string]struct {
		key          emulator.Key
		bedrock, sts string
	}{
		"wrong secret":  {wrongSecret, "InvalidSignatureException", "SignatureDoesNotMatch"},
		"expired":       {stale, "ExpiredTokenException", "ExpiredToken"},
		"wrong token":   {wrongToken, "UnrecognizedClientException", "InvalidClientTokenId"},
		"unknown key":   {unknown, "UnrecognizedClientException", "InvalidClientTokenId"},
		"the right key": {good, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configFor(e, c.key)
			_, err := invoke(cfg, "amazon.titan-embed-text-v1", `{"inputText":"x"}`)
			if got := code(err); got != c.bedrock {
				t.Errorf("Bedrock answered %q, want %q", got, c.bedrock)
			}
			_, err = sts.NewFromConfig(cfg).GetCallerIdentity(context.Background(), nil)
			if got := code(err); got != c.sts {
				t.Errorf("STS answered %q, want %q", got, c.sts)
			}
		})
	}
}
