package emulator_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestWhoeverHasAnAnswerFindsItsEvent(t *testing.T) {
	e, cfg := start(t)
	if err := e.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	cfg.BaseEndpoint, cfg.HTTPClient = aws.String(e.URL()), http.DefaultClient
	for n := 1; n <= 200; n++ {
		if _, err := invoke(cfg, "amazon.titan-embed-text-v1", `{"inputText":"a long answer, which is sent before its handler ends"}`); err != nil {
			t.Fatal(err)
		}
		if got := len(e.Trail()); got != n {
			t.Fatalf("after %d answers the trail has %d events", n, got)
		}
	}
}
