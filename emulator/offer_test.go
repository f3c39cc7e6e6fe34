package emulator_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedrocktypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/emulator"
)

func listedIDs(t *testing.T, cfg aws.Config, region string) (ids []string) {
	t.Helper()
	cfg.Region = region
	out, err := bedrock.NewFromConfig(cfg).ListFoundationModels(context.Background(), &bedrock.ListFoundationModelsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range out.ModelSummaries {
		ids = append(ids, *m.ModelId)
	}
	return ids
}

func TestAModelIsListedAndCalledOnlyWhereItIsOffered(t *testing.T) {
	_, cfg := start(t, emulator.WithModelRegions("*", "us-east-1"), emulator.WithModelRegions("cohere.embed-v4:0", "us-east-1", "us-west-2"))
	if diff := cmp.Diff([]string{"cohere.embed-v4:0"}, listedIDs(t, cfg, "us-west-2")); diff != "" {
		t.Error(diff)
	}
	if n := len(listedIDs(t, cfg, "us-east-1")); n != 9 {
		t.Errorf("%d models in us-east-1", n)
	}
	west := cfg
	west.Region = "us-west-2"
	if _, err := invoke(west, titan2, `{"inputText":"x"}`); code(err) != "ValidationException" {
		t.Errorf("a model that is not offered here answered %v", err)
	}
	client := bedrock.NewFromConfig(west)
	av, err := client.GetFoundationModelAvailability(context.Background(), &bedrock.GetFoundationModelAvailabilityInput{ModelId: aws.String(titan2)})
	if err != nil || av.RegionAvailability != bedrocktypes.RegionAvailabilityNotAvailable || av.EntitlementAvailability != bedrocktypes.EntitlementAvailabilityNotAvailable {
		t.Errorf("got %+v, %v", av, err)
	}
	if _, err := client.GetFoundationModel(context.Background(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String(titan2)}); code(err) != "ResourceNotFoundException" {
		t.Errorf("got %v", err)
	}
	p, err := client.GetInferenceProfile(context.Background(), &bedrock.GetInferenceProfileInput{InferenceProfileIdentifier: aws.String(coh4)})
	if err != nil || len(p.Models) != 2 {
		t.Errorf("the profile's destinations are %+v, %v", p, err)
	}
	europe := cfg
	europe.Region = "eu-west-1"
	all, err := bedrock.NewFromConfig(europe).ListInferenceProfiles(context.Background(), &bedrock.ListInferenceProfilesInput{})
	if err != nil || len(all.InferenceProfileSummaries) != 1 || *all.InferenceProfileSummaries[0].InferenceProfileId != "global.cohere.embed-v4:0" {
		t.Errorf("a profile without destinations is listed: %+v, %v", all, err)
	}
}

func TestAModelThatIsOnlyListedIsDescribedAndRefused(t *testing.T) {
	end := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	_, cfg := start(t, emulator.WithLegacyModels("*titan-embed-text-v1", end), emulator.WithListedModel(emulator.ListedModel{
		ID: "amazon.nova-lite-v1:0", Name: "Nova Lite", Provider: "Amazon", Inputs: []string{"TEXT", "IMAGE"}, Inference: []string{"INFERENCE_PROFILE"}, Geographies: []string{"apac"}, Streaming: true,
	}))
	client := bedrock.NewFromConfig(cfg)
	out, err := client.ListFoundationModels(context.Background(), &bedrock.ListFoundationModelsInput{ByOutputModality: bedrocktypes.ModelModalityText})
	if err != nil || len(out.ModelSummaries) != 1 || !*out.ModelSummaries[0].ResponseStreamingSupported || len(out.ModelSummaries[0].InputModalities) != 2 {
		t.Errorf("got %+v, %v", out, err)
	}
	old, err := client.GetFoundationModel(context.Background(), &bedrock.GetFoundationModelInput{ModelIdentifier: aws.String("amazon.titan-embed-text-v1")})
	if err != nil || old.ModelDetails.ModelLifecycle.Status != bedrocktypes.FoundationModelLifecycleStatusLegacy || !old.ModelDetails.ModelLifecycle.EndOfLifeTime.Equal(end) {
		t.Errorf("got %+v, %v", old, err)
	}
	tokyo := cfg
	tokyo.Region = "ap-northeast-1"
	for _, id := range []string{"amazon.nova-lite-v1:0", "apac.amazon.nova-lite-v1:0"} {
		if _, err := invoke(tokyo, id, `{}`); code(err) != "ValidationException" {
			t.Errorf("%s answered %v", id, err)
		}
	}
}

func TestAnAgreementIsMadeByWhoeverMaySubscribe(t *testing.T) {
	e, admin := start(t, emulator.WithAgreementNeeded("cohere.*"))
	ctx := context.Background()
	user := func(name string, statements ...string) aws.Config {
		k, err := e.AddUser(name, document(statements...))
		if err != nil {
			t.Fatal(err)
		}
		return configFor(e, k)
	}
	const all, market = `{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}`, `{"Effect":"Allow","Action":["aws-marketplace:Subscribe","aws-marketplace:ViewSubscriptions"],"Resource":"*"}`
	status := func(model string) bedrocktypes.AgreementStatus {
		out, err := bedrock.NewFromConfig(admin).GetFoundationModelAvailability(ctx, &bedrock.GetFoundationModelAvailabilityInput{ModelId: aws.String(model)})
		if err != nil {
			t.Fatal(err)
		}
		return out.AgreementAvailability.Status
	}
	if _, err := invoke(admin, coh3, cohereBody("", "x")); code(err) != "AccessDeniedException" || status(coh3) != bedrocktypes.AgreementStatusNotAvailable {
		t.Errorf("without an agreement: %v, %s", err, status(coh3))
	}
	subscriber := user("subscriber", all, market)
	if _, err := invoke(subscriber, coh3, cohereBody("", "x")); err != nil || status(coh3) != bedrocktypes.AgreementStatusAvailable {
		t.Errorf("by somebody who may subscribe: %v, %s", err, status(coh3))
	}
	if _, err := invoke(admin, coh3, cohereBody("", "x")); err != nil {
		t.Errorf("after that: %v", err)
	}
	if _, err := invoke(admin, titan2, `{"inputText":"x"}`); err != nil {
		t.Errorf("a model without agreements: %v", err)
	}
	create := func(cfg aws.Config, model string) error {
		client := bedrock.NewFromConfig(cfg)
		offers, err := client.ListFoundationModelAgreementOffers(ctx, &bedrock.ListFoundationModelAgreementOffersInput{ModelId: aws.String(model)})
		if err != nil {
			return err
		}
		_, err = client.CreateFoundationModelAgreement(ctx, &bedrock.CreateFoundationModelAgreementInput{ModelId: aws.String(model), OfferToken: offers.Offers[0].OfferToken})
		return err
	}
	got := []string{code(create(admin, "cohere.embed-v4:0")), code(create(subscriber, "cohere.embed-v4:0")), code(create(subscriber, "cohere.embed-v4:0")), code(create(subscriber, titan2))}
	if diff := cmp.Diff([]string{"AccessDeniedException", "", "ConflictException", "ValidationException"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := invoke(admin, coh4, cohereBody("", "x")); err != nil {
		t.Errorf("the profile of an agreed model: %v", err)
	}
}

func TestCustomModelsAreServedByWhatWasBoughtForThemAndListedInPages(t *testing.T) {
	e, cfg := start(t)
	client, ctx := bedrock.NewFromConfig(cfg), context.Background()
	var customs, bought []string
	for i := range 3 {
		custom, err := e.AddCustomModel("us-east-1", fmt.Sprintf("custom00000%d", i), fmt.Sprintf("ours-%d", i), "amazon.titan-embed-image-v1")
		if err != nil {
			t.Fatal(err)
		}
		provisioned, err := e.AddProvisionedModel("us-east-1", fmt.Sprintf("bought00000%d", i), custom)
		if err != nil {
			t.Fatal(err)
		}
		customs, bought = append([]string{custom}, customs...), append([]string{provisioned}, bought...)
	}
	if _, err := invoke(cfg, customs[0], `{"inputText":"x"}`); code(err) != "ValidationException" {
		t.Errorf("a custom model by itself: %v", err)
	}
	if _, err := invoke(cfg, bought[0], `{"inputText":"x"}`); err != nil {
		t.Error(err)
	}
	if _, err := e.AddApplicationProfile("us-east-1", "profile00009", customs[0]); err == nil {
		t.Error("a profile over a custom model was accepted")
	}
	var gotCustoms, gotBought []string
	for pages := bedrock.NewListCustomModelsPaginator(client, &bedrock.ListCustomModelsInput{MaxResults: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.ModelSummaries {
			gotCustoms = append(gotCustoms, *m.ModelArn)
		}
	}
	for pages := bedrock.NewListProvisionedModelThroughputsPaginator(client, &bedrock.ListProvisionedModelThroughputsInput{MaxResults: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.ProvisionedModelSummaries {
			gotBought = append(gotBought, *m.ProvisionedModelArn)
		}
	}
	if diff := cmp.Diff([][]string{customs, bought}, [][]string{gotCustoms, gotBought}); diff != "" {
		t.Error(diff)
	}
	for name, in := range map[string]*bedrock.ListCustomModelsInput{
		"name":   {NameContains: aws.String("ours-1")},
		"base":   {FoundationModelArnEquals: aws.String("arn:aws:bedrock:us-east-1::foundation-model/" + titan2)},
		"status": {ModelStatus: bedrocktypes.ModelStatusFailed},
		"before": {CreationTimeBefore: aws.Time(time.Now().Add(-time.Hour))},
		"after":  {CreationTimeAfter: aws.Time(time.Now().Add(-time.Hour))},
	} {
		out, err := client.ListCustomModels(ctx, in)
		if want := map[string]int{"name": 1, "after": 3}[name]; err != nil || len(out.ModelSummaries) != want {
			t.Errorf("by %s: %+v, %v", name, out, err)
		}
	}
}

func TestAListCanFailWhileTheOthersAnswer(t *testing.T) {
	_, cfg := start(t, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Operation: "ListCustomModels", Status: 403, Message: "An SCP denies it."}))
	client, ctx := bedrock.NewFromConfig(cfg), context.Background()
	if _, err := client.ListCustomModels(ctx, nil); code(err) != "AccessDeniedException" {
		t.Errorf("got %v", err)
	}
	if _, err := client.ListProvisionedModelThroughputs(ctx, nil); err != nil {
		t.Error(err)
	}
}

func TestAnOfferThatMatchesNoModelIsAMistake(t *testing.T) {
	for name, o := range map[string]emulator.Option{
		"regions":   emulator.WithModelRegions("none.*", "us-east-1"),
		"a region":  emulator.WithModelRegions("*", "us-east-9"),
		"agreement": emulator.WithAgreementNeeded("none"),
		"known":     emulator.WithListedModel(emulator.ListedModel{ID: titan2, Name: "n", Provider: "p"}),
		"nameless":  emulator.WithListedModel(emulator.ListedModel{ID: "a.b"}),
		"geography": emulator.WithListedModel(emulator.ListedModel{ID: "a.b", Name: "n", Provider: "p", Geographies: []string{"moon"}}),
	} {
		if _, err := emulator.New(o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
