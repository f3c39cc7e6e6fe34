package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const badInputPage = "../../docs/bad-input.md"

// badRow is a row of a table on the page.
type badRow struct {
	line                                             int
	section, input, status, param, message, headline string
}

// badInputs reads the page: its spicepod.yaml, and the rows of all tables whose
// first column is "input".
func badInputs(t *testing.T) (spicepod string, rows []badRow) {
	t.Helper()
	page, err := os.ReadFile(badInputPage)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), "\r\n", "\n")
	_, yaml, _ := strings.Cut(text, "```yaml\n")
	spicepod, _, _ = strings.Cut(yaml, "```")
	var section string
	var columns []string
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "## "):
			section = line[3:]
		case !strings.HasPrefix(line, "|"):
			columns = nil
		case strings.HasPrefix(line, "| ---"):
		case columns == nil:
			columns = cellsOf(line)
		case columns[0] == "input":
			cells := cellsOf(line)
			row := badRow{line: i + 1, section: section, input: cells[0], status: cells[1], param: strings.Trim(cells[2], "`"), message: cells[3]}
			if len(columns) == 5 {
				row.headline = strings.Trim(cells[4], "`")
			}
			rows = append(rows, row)
		}
	}
	return spicepod, rows
}

// cellsOf cuts a line of a table; \| inside a cell is a bar.
func cellsOf(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")
	cells := strings.Split(line, "|")
	for i, c := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
	}
	return cells
}

func TestEveryBadInputOfTheManualIsAnsweredAsTheManualSays(t *testing.T) {
	spicepod, rows := badInputs(t)
	if len(rows) < 45 {
		t.Fatalf("only %d rows were found on the page", len(rows))
	}
	lab := &badLab{spicepod: spicepod, servers: map[string]*server{}}
	all, described := madeInputs(), map[string]bool{}
	for _, row := range rows {
		t.Run(fmt.Sprintf("line %d", row.line), func(sub *testing.T) {
			made, ok := all[row.input]
			switch {
			case ok:
				described[row.input] = true
			case strings.HasPrefix(row.input, "`"):
				made = madeInput{"plain", jsonBody(strings.Trim(row.input, "`"))}
			default:
				sub.Fatalf("nothing makes the input %q", row.input)
			}
			lab.check(sub, lab.server(t, made.server), made.request, row)
		})
	}
	for name := range all {
		if !described[name] {
			t.Errorf("%q can be made, but no row of the page names it", name)
		}
	}
}

// badLab starts each server of the tables when its first row comes.
type badLab struct {
	spicepod string
	servers  map[string]*server
}

func (l *badLab) server(t *testing.T, name string) *server {
	if l.servers[name] == nil {
		setting, ok := badServers()[name]
		if !ok {
			t.Fatalf("there is no server %q", name)
		}
		l.servers[name] = start(t, l.spicepod, setting.change, setting.aws...)
		if setting.before != nil {
			l.servers[name].send(t, setting.before)
		}
	}
	return l.servers[name]
}

// check sends the request and holds the answer against the row.
func (l *badLab) check(t *testing.T, s *server, request func(url string) *http.Request, row badRow) {
	t.Helper()
	sentBefore := invocations(s)
	resp, raw := s.send(t, request)
	var answer struct {
		Data  []any
		Error *struct {
			Message, Type, Param string
			ID                   string `json:"error_id"`
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatalf("the answer is no JSON: %v: %.200s", err, raw)
	}
	if got := strconv.Itoa(resp.StatusCode); got != row.status {
		t.Fatalf("%.100s: status %s, the page says %s: %.300s", row.input, got, row.status, raw)
	}
	if row.status == "200" {
		if len(answer.Data) == 0 {
			t.Errorf("no vector: %.300s", raw)
		}
		return
	}
	if e := answer.Error; e == nil || e.Type == "" || e.Param != row.param || !strings.Contains(unticked(e.Message), unticked(row.message)) {
		t.Errorf("%.100s: the page says param %q and %q: %.600s", row.input, row.param, row.message, raw)
	}
	if name, want, ok := strings.Cut(row.headline, ": "); ok && !regexp.MustCompile("^(?:"+want+")$").MatchString(resp.Header.Get(name)) {
		t.Errorf("%.100s: %s is %q, the page says %q", row.input, name, resp.Header.Get(name), want)
	}
	judged := strings.HasPrefix(row.section, "Bedrock") // the sections whose answers come from AWS
	if now := invocations(s); !judged && now != sentBefore {
		t.Errorf("%.100s: %d calls were sent to Bedrock, where none may be", row.input, now-sentBefore)
	}
}

// send returns the answer to a request, and its body.
func (s *server) send(t *testing.T, request func(url string) *http.Request) (*http.Response, []byte) {
	t.Helper()
	resp, err := http.DefaultClient.Do(request(s.URL()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, raw
}

func unticked(s string) string { return strings.ReplaceAll(s, "`", "") }

func invocations(s *server) (n int) {
	for _, e := range s.aws.Trail() {
		if e.Operation == "InvokeModel" {
			n++
		}
	}
	return n
}
