package studio

import (
	"net/http"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

const modelsPath = "/organizations/" + stageOrg + "/models"

func TestTheModelsPageShowsWhatCallersCanAskForAndHowFullEachIs(t *testing.T) {
	s := newStage(t, access.Developer)
	s.api.answer("GET "+modelsPath, wire.Page[wire.CallableModel]{Items: []wire.CallableModel{
		{Name: "titan", ModelID: "amazon.titan-embed-text-v2:0", Family: "titan-text-v2", Source: "file", Dimensions: 512, MaxTokens: 8192, PerCall: 1, PerMinute: 2000, Used: 1600, Waiting: 3},
		{Name: "prod/cohere.embed-english-v3", ModelID: "cohere.embed-english-v3", Family: "cohere-v3", Source: "environment", Environment: stageEnv, Region: "us-east-1", PerCall: 96},
	}, Next: "c2"})
	s.see(s.get(s.org("models")), http.StatusOK, "titan", "8,192", "1,600 of 2,000, 3 waiting", `class="fill-warn" width="80"`,
		s.org("environments", stageEnv), "No limit", "cursor=c2")
}

func TestWithoutModelsThePageTellsWhereTheyComeFrom(t *testing.T) {
	for role, want := range map[access.Role]string{access.Owner: "New environment", access.Developer: "once an admin enables them"} {
		s := newStage(t, role)
		s.api.answer("GET "+modelsPath, wire.Page[wire.CallableModel]{Items: []wire.CallableModel{}})
		s.see(s.get(s.org("models")), http.StatusOK, want)
		s.see(s.get(s.org("models")+"?family=nova"), http.StatusOK, "No matching models")
	}
}

func TestAMeterIsNeverMoreThanFullNorLessThanItShows(t *testing.T) {
	for _, c := range []struct {
		used, limit int
		want        meter
	}{
		{0, 100, meter{0, "fill-main"}}, {1, 100_000, meter{1, "fill-main"}}, {80, 100, meter{80, "fill-warn"}},
		{500, 100, meter{100, "fill-bad"}}, {5, 0, meter{0, "fill-main"}}, {-1, 10, meter{0, "fill-main"}}, {1 << 62, 1 << 62, meter{100, "fill-bad"}},
	} {
		if got := meterOf(c.used, c.limit); got != c.want {
			t.Errorf("%d of %d: %+v, want %+v", c.used, c.limit, got, c.want)
		}
	}
}
