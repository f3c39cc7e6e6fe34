package bedrock_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/model"
)

// profileOf answers every question for a profile with these models.
type profileOf []string

func (p profileOf) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"models":[{"modelArn":"` + strings.Join(p, `"},{"modelArn":"`) + `"}]}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
}

func TestAProfileSpendsTheQuotaOfWhereItLeads(t *testing.T) {
	const embed = "cohere.embed-v4:0"
	in := func(region string) string { return "arn:aws:bedrock:" + region + "::foundation-model/" + embed }
	id, err := model.ParseID("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/ab12cd34ef56")
	if err != nil {
		t.Fatal(err)
	}
	family, err := model.Find(id, "cohere-v4")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		models profileOf
		want   string // "" is an error
	}{
		{"one region", profileOf{in("us-east-1")}, embed},
		{"a geography", profileOf{in("us-east-1"), in("us-west-2")}, "cross-region/" + embed},
		{"everywhere, that first", profileOf{in(""), in("us-east-1")}, "global-cross-region/" + embed},
		{"everywhere, that last", profileOf{in("us-east-1"), in("")}, "global-cross-region/" + embed},
		{"everywhere alone", profileOf{in("")}, "global-cross-region/" + embed},
		{"no model", profileOf{"arn:aws:bedrock:us-east-1::prompt/x"}, ""},
	} {
		target, err := bedrock.NewTarget("m", id, family, "us-east-1", bedrock.Endpoints{}, &keys{})
		if err != nil {
			t.Fatal(err)
		}
		creds, err := target.Credentials.Credentials(t.Context(), caller.Local())
		if err != nil {
			t.Fatal(err)
		}
		got, err := bedrock.NewClient(bedrock.Options{Transport: c.models}).QuotaModel(t.Context(), target, creds)
		if (err != nil) != (c.want == "") || (err == nil && got != c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}
