package app

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"
	"time"

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

// alone returns a command's client of a data directory that no server holds; the
// command goes by the clock, or by the machine's where there is none.
func alone(t *testing.T, dir string, now func() time.Time) *client.Client {
	t.Helper()
	a, err := NewControl(Settings{State: StateSettings{DataDir: dir, Now: now}})
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

// settled is a budget as it is once its sum was read: while a reading runs beside
// a request, that may be counted twice.
func (r *replica) settled(budget string) (wire.Budget, error) {
	r.t.Helper()
	if _, err := r.control.Budget(r.t.Context(), "default", budget); err != nil { // who asks has it read
		r.t.Fatal(err)
	}
	if err := r.state.budgets.Step(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r.control.Budget(r.t.Context(), "default", budget)
}

func TestBudgetsShowWhatIsSpentAlsoWhereNoServerRuns(t *testing.T) {
	month := newClock() // it does not end while the test runs
	r := startReplica(t, newAWS(t), func(s *Settings) { s.State.Now = month.Now })
	r.ready("default", "prod")
	key := r.key("default", "search")
	b, err := r.control.CreateBudget(t.Context(), "default", wire.BudgetInput{Target: "search", Period: "month", HardUSD: "0.000000001"})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.embed(key, "prod/"+titanV2, "a text of a few words"); got.status != http.StatusOK {
		t.Fatalf("within the budget: %d %s", got.status, got.body)
	}
	want, err := r.settled(b.ID)
	if err != nil || want.State != "exceeded" {
		t.Fatalf("the server says %+v, %v", want, err)
	}
	r.leave()

	c := alone(t, r.settings.State.DataDir, month.Now)
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
	c := alone(t, r.settings.State.DataDir, nil)
	if all, err := c.BudgetPage(t.Context(), "default", client.List{}); err != nil || len(all.Items) != 1 {
		t.Errorf("%d budgets are listed: %v", len(all.Items), err)
	}
}
