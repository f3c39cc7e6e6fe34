package app

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/spicepod"
)

// silent is an AWS that never answers; asked gets a word for every question.
type silent struct{ asked chan struct{} }

func (s silent) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func newSilent(t *testing.T) (*App, silent) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spicepod.yaml")
	pod := "version: v1\nkind: Spicepod\nname: test\nembeddings:\n  - from: bedrock:amazon.titan-embed-text-v2:0\n    name: titan\n    params:\n      aws_region: us-east-1\n"
	if err := os.WriteFile(path, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	aws := silent{make(chan struct{}, 1)}
	a, err := NewInProcess(Settings{Config: path, Transport: aws, Environ: []string{"HOME=" + filepath.Dir(path),
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=not-a-secret"}})
	if err != nil {
		t.Fatal(err)
	}
	return a, aws
}

func TestNothingThatAReloadBeganOutlivesTheApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, aws := newSilent(t)
		if err := a.Reload(); err != nil {
			t.Fatal(err)
		}
		<-aws.asked
		ended := make(chan struct{})
		go func() { a.background.Wait(); close(ended) }()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("nobody waits for what the reload began")
		default:
		}
		began := time.Now()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		<-ended
		if took := time.Since(began); took != 0 {
			t.Errorf("closing took %v", took)
		}
		if err := a.Reload(); err == nil {
			t.Error("a closed App was reloaded")
		}
		if n := len(a.chains.bySource); n != 0 {
			t.Errorf("%d chains outlive the App", n)
		}
	})
}

func TestAFileThatFailsLeavesNoChainsBehind(t *testing.T) {
	a, _ := newSilent(t)
	defer func() { _ = a.Close() }()
	var faulty []spicepod.Model
	for _, region := range []string{"eu-west-1", "eu-west-2"} {
		m := a.inForce[0]
		m.AWS.Region = region
		faulty = append(faulty, m)
	}
	faulty[1].AWS.EndpointURL = "no URL"
	if err := a.replace(faulty); err == nil {
		t.Fatal("an endpoint that is no URL is in force")
	}
	if n := len(a.chains.bySource); n != 1 {
		t.Errorf("%d chains, want that of the models in force", n)
	}
}
