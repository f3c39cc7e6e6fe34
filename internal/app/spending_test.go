package app

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

// leave ends the server and lets go of its data directory.
func (r *replica) leave() {
	r.t.Helper()
	r.stop()
	<-r.ended
	r.lost = true // the test's end closes it again
	if err := r.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// alone returns a command's client of a data directory that no server holds.
func alone(t *testing.T, dir string) *client.Client {
	t.Helper()
	a, err := NewControl(Settings{State: StateSettings{DataDir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := OperatorKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Settings{URL: InProcessURL, Key: key, HTTP: a.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBudgetsShowWhatIsSpentAlsoWhereNoServerRuns(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	r.ready("default", "prod")
	key := r.key("default", "search")
	b, err := r.control.CreateBudget(t.Context(), "default", wire.BudgetInput{Target: "search", Period: "month", HardUSD: "0.000000001"})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.embed(key, "prod/"+titanV2, "a text of a few words"); got.status != http.StatusOK {
		t.Fatalf("within the budget: %d %s", got.status, got.body)
	}
	want, err := r.control.Budget(t.Context(), "default", b.ID)
	if err != nil || want.State != "exceeded" {
		t.Fatalf("the server says %+v, %v", want, err)
	}
	r.leave()

	c := alone(t, r.settings.State.DataDir)
	got, err := c.Budget(t.Context(), "default", b.ID)
	if err != nil || got.SpentUSD != want.SpentUSD || got.State != want.State {
		t.Errorf("without a server $%s are spent, %s (%v); with one $%s, %s", got.SpentUSD, got.State, err, want.SpentUSD, want.State)
	}
	more := "0.000000002"
	got, err = c.UpdateBudget(t.Context(), "default", b.ID, wire.BudgetPatch{HardUSD: &more})
	if err != nil || got.SpentUSD != want.SpentUSD || got.State != "exceeded" {
		t.Errorf("after a change without a server $%s are spent, %s (%v)", got.SpentUSD, got.State, err)
	}
}

func TestACommandWorksWhereSpendingCannotBeRead(t *testing.T) {
	r := startReplica(t, newAWS(t), nil)
	if _, err := r.control.CreateBudget(t.Context(), "default", wire.BudgetInput{Period: "day", HardUSD: "1"}); err != nil {
		t.Fatal(err)
	}
	r.leave()
	db, err := sql.Open("sqlite", filepath.Join(r.settings.State.DataDir, "adit.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `ALTER TABLE usage_days RENAME TO usage_lost`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	c := alone(t, r.settings.State.DataDir)
	if all, err := c.BudgetPage(t.Context(), "default", client.List{}); err != nil || len(all.Items) != 1 {
		t.Errorf("%d budgets are listed: %v", len(all.Items), err)
	}
}
