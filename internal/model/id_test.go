package model_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/model"
)

func TestAnIDTellsItsModelItsGeographyAndItsQuota(t *testing.T) {
	const account = "111122223333"
	for _, c := range []struct{ in, base, geography, quota string }{
		{"amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v2:0", "", "amazon.titan-embed-text-v2:0"},
		{"us.cohere.embed-v4:0", "cohere.embed-v4:0", "us", "cross-region/cohere.embed-v4:0"},
		{"us-gov.amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v2:0", "us-gov", "cross-region/amazon.titan-embed-text-v2:0"},
		{"global.cohere.embed-v4:0", "cohere.embed-v4:0", "global", "global-cross-region/cohere.embed-v4:0"},
		{"arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3", "cohere.embed-english-v3", "", "cohere.embed-english-v3"},
		{"arn:aws:bedrock:us-east-1:" + account + ":inference-profile/us.cohere.embed-v4:0", "cohere.embed-v4:0", "us", "cross-region/cohere.embed-v4:0"},
		{"arn:aws:bedrock:us-east-1:" + account + ":application-inference-profile/ab12cd34ef56", "", "", "application-inference-profile/ab12cd34ef56"},
		{"arn:aws:bedrock:us-east-1:" + account + ":provisioned-model/ab12cd34ef56", "", "", "provisioned-model/ab12cd34ef56"},
		{"arn:aws:bedrock:us-east-1:" + account + ":custom-model/amazon.titan-embed-text-v2:0/ab12cd34ef56", "amazon.titan-embed-text-v2:0", "", "custom-model/amazon.titan-embed-text-v2:0/ab12cd34ef56"},
		{"arn:aws:sagemaker:us-east-1:" + account + ":endpoint/my-endpoint", "", "", "endpoint/my-endpoint"},
		{"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v2:0", "", "amazon.titan-embed-text-v2:0"},
	} {
		id, err := model.ParseID(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if id.Base() != c.base || id.Geography() != c.geography || id.QuotaModel() != c.quota || id.String() != c.in {
			t.Errorf("%s: base %q, geography %q, quota %q", c.in, id.Base(), id.Geography(), id.QuotaModel())
		}
	}
}

func TestWhatInvokeModelWouldRefuseIsNoID(t *testing.T) {
	for _, in := range []string{
		"", "titan", "Amazon.Titan", "amazon.titan embed", "amazon.titan-embed-text-v2:0/../x",
		"arn:aws:bedrock:us-east-1:111122223333:foundation-model/amazon.titan-embed-text-v2:0",
		"arn:aws:bedrock:us-east-1::provisioned-model/ab12cd34ef56",
		"arn:aws:bedrock:us-east-1:111122223333:provisioned-model/short",
		"arn:aws:bedrock:us-east-1:111122223333:guardrail/ab12cd34ef56",
		"arn:aws:s3:::bucket", "arn:aws:sagemaker:us-east-1:111122223333:foundation-model/x.y",
	} {
		if id, err := model.ParseID(in); err == nil {
			t.Errorf("ParseID(%q) = %v, want a fault", in, id)
		}
	}
}

func FuzzParseIDNeverPanicsAndKeepsWhatWasWritten(f *testing.F) {
	f.Add("us.cohere.embed-v4:0")
	f.Add("arn:aws:bedrock:us-east-1::foundation-model/cohere.embed-english-v3")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := model.ParseID(s)
		if err == nil && id.String() != s {
			t.Errorf("ParseID(%q).String() = %q", s, id.String())
		}
		if err == nil {
			_, _ = model.Find(id, "")
			if id.QuotaModel() == "" {
				t.Errorf("%q has no quota", s)
			}
		}
	})
}
