package architecture

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheTreeKeepsEveryRule(t *testing.T) {
	files := readTree(t, os.DirFS("../.."))
	if len(files) < 10 {
		t.Fatalf("found only %d Go files; is ../.. still the repository's root?", len(files))
	}
	for name, broken := range map[string]rule{
		"every room is in the table":                   everyRoomIsInTheTable,
		"imports follow the arrows":                    importsFollowTheArrows,
		"cli and studio are the control API's clients": clientsLookNoFurther,
		"words import only the standard library":       wordsImportOnlyTheStandardLibrary,
		"only the signer makes RSA keys":               onlyTheSignerMakesRSAKeys,
		"every package says what it knows":             everyPackageSaysWhatItKnows,
		"names say what is inside":                     namesSayWhatIsInside,
		"nothing runs on import":                       nothingRunsOnImport,
		"testing stays in tests":                       testingStaysInTests,
		"tests sleep in virtual time only":             testsSleepInBubbles,
		"a file that is no test fits 500 lines":        filesFitInTheHead,
	} {
		t.Run(name, func(t *testing.T) {
			for _, fault := range broken(files) {
				t.Error(fault)
			}
		})
	}
}

// The rules can be loosened by a row of the table; these sentences of the
// design cannot.
func TestTheTableKeepsTheDesign(t *testing.T) {
	table := arrows()
	for room, row := range table {
		for _, target := range row {
			// The CLI and the pages are clients of the control API, so they use the edge's
			// client and wire types; that they see no more of it is a rule of its own.
			client := slices.Contains(clients(), room) && target == "control"
			if slices.Contains(edges(), target) && room != "app" && !client {
				t.Errorf("%s may import the edge %s: only app knows the edges", room, target)
			}
			if target == "emulator" && room != "cli" {
				t.Errorf("%s may import the emulator: only cli and tests do", room)
			}
			if target == "store" && slices.Contains(edges(), room) {
				t.Errorf("the edge %s may import store: edges go through rooms", room)
			}
			if _, known := mayImport(target); !known {
				t.Errorf("%s may import %s, which has no row itself", room, target)
			}
		}
		if slices.Contains(words(), room) || slices.Contains(loners(), room) {
			t.Errorf("%s has a row, but it imports no room at all", room)
		}
	}
	for _, target := range []string{"tenant", "access", "store"} {
		if slices.Contains(table["gateway"], target) {
			t.Errorf("gateway may import %s: it takes a caller instead, a plain value", target)
		}
	}
	if !slices.Equal(table["cmd/adit"], []string{"cli"}) {
		t.Errorf("cmd/adit may import %v: it hands its arguments to cli and nothing else", table["cmd/adit"])
	}
}

func TestARuleNamesTheFileTheImportAndTheWayOut(t *testing.T) {
	long := "package gateway\n" + strings.Repeat("\n", maxLines)
	tests := []struct {
		name  string
		rule  rule
		files map[string]string
		want  []string // parts of the only fault; none means no fault
	}{
		{
			"an arrow that the table does not have", importsFollowTheArrows,
			map[string]string{"internal/gateway/a.go": source("gateway", module+"/internal/model", module+"/internal/fault", module+"/internal/tenant")},
			[]string{"internal/gateway/a.go:6:", module + "/internal/tenant", "gateway may import only bedrock, caller", "small interface", "table_test.go"},
		},
		{
			"a room that imports an edge", importsFollowTheArrows,
			map[string]string{"internal/bedrock/wire/a.go": source("wire", module+"/internal/openai")},
			[]string{"internal/bedrock/wire/a.go:4:", "internal/openai"},
		},
		{
			"a room that imports the emulator", importsFollowTheArrows,
			map[string]string{"internal/app/a.go": source("app", module+"/internal/openai", module+"/emulator")},
			[]string{"internal/app/a.go:5:", module + "/emulator"},
		},
		{
			"an emulator that imports a word", importsFollowTheArrows,
			map[string]string{"emulator/a.go": source("emulator", module+"/internal/vector")},
			[]string{"emulator/a.go:4:", "internal/vector", "emulator may import no other room"},
		},
		{
			"a word that imports a word", importsFollowTheArrows,
			map[string]string{"internal/caller/a.go": source("caller", module+"/internal/fault")},
			[]string{"internal/caller/a.go:4:", "caller may import no other room"},
		},
		{
			"a main that looks past cli", importsFollowTheArrows,
			map[string]string{"cmd/adit/main.go": source("main", module+"/internal/cli", module+"/internal/fault")},
			[]string{"cmd/adit/main.go:5:", "cmd/adit may import only cli"},
		},
		{
			"a test that imports app and the emulator", importsFollowTheArrows,
			map[string]string{"internal/gateway/a_test.go": source("gateway_test", module+"/internal/app", module+"/emulator")},
			nil,
		},
		{
			"a room's own folders", importsFollowTheArrows,
			map[string]string{"emulator/a.go": source("emulator", module+"/emulator/sts")},
			nil,
		},
		{
			"a command that looks behind the control API", clientsLookNoFurther,
			map[string]string{"internal/cli/a.go": source("cli", module+"/internal/control/client", module+"/internal/control")},
			[]string{"internal/cli/a.go:5:", module + "/internal/control", "client"},
		},
		{
			"a command that asks the control API", clientsLookNoFurther,
			map[string]string{"internal/cli/a.go": source("cli", module+"/internal/control/client", module+"/internal/control/wire")},
			nil,
		},
		{
			"a word that imports a library", wordsImportOnlyTheStandardLibrary,
			map[string]string{"internal/vector/a.go": source("vector", "encoding/json", "golang.org/x/sync/errgroup")},
			[]string{"internal/vector/a.go:5:", "golang.org/x/sync/errgroup", "standard library"},
		},
		{
			"a room that is not in the table", everyRoomIsInTheTable,
			map[string]string{"internal/gadget/a.go": source("gadget")},
			[]string{"internal/gadget:", `"gadget" is not in the table`, "Add a row"},
		},
		{
			"code outside every room", everyRoomIsInTheTable,
			map[string]string{"pkg/embed/a.go": source("embed")},
			[]string{"pkg/embed:", "internal/ROOM"},
		},
		{
			"a module of its own, and folders that the go command passes over", everyRoomIsInTheTable,
			map[string]string{"tools/go.mod": "module x", "tools/a.go": source("tools"), ".cache/a.go": source("x"), "docs/testdata/x/a.go": source("x")},
			nil,
		},
		{
			"a room without doc.go", everyPackageSaysWhatItKnows,
			map[string]string{"internal/gateway/a.go": "// Package gateway does.\n" + source("gateway")},
			[]string{"internal/gateway: no doc.go"},
		},
		{
			"a doc.go that says nothing", everyPackageSaysWhatItKnows,
			map[string]string{"docs/doc.go": source("docs")},
			[]string{"docs: no doc.go with a package comment"},
		},
		{
			"two package comments", everyPackageSaysWhatItKnows,
			map[string]string{"docs/doc.go": "// Package docs is.\n" + source("docs"), "docs/a.go": "// Package docs is.\n" + source("docs")},
			[]string{"docs/a.go: a second package comment"},
		},
		{
			"a package name that fits anything", namesSayWhatIsInside,
			map[string]string{"internal/model/util/a.go": source("util")},
			[]string{"internal/model/util:", `"util" says nothing`},
		},
		{
			"an empty name behind a better folder", namesSayWhatIsInside,
			map[string]string{"internal/model/a_test.go": source("types_test")},
			[]string{"internal/model:", `"types"`},
		},
		{
			"an init function", nothingRunsOnImport,
			map[string]string{"internal/limit/a.go": source("limit") + "func init() {}\n"},
			[]string{"internal/limit/a.go:6:", "init"},
		},
		{
			"a method named init", nothingRunsOnImport,
			map[string]string{"internal/limit/a.go": source("limit") + "type x int\nfunc (x) init() {}\n"},
			nil,
		},
		{
			"testing in the binary", testingStaysInTests,
			map[string]string{"internal/limit/a.go": source("limit", "testing/synctest")},
			[]string{"internal/limit/a.go:4:", "testing/synctest"},
		},
		{
			"testing in the emulator", testingStaysInTests,
			map[string]string{"emulator/a.go": source("emulator", "testing")},
			nil,
		},
		{
			"a test that sleeps", testsSleepInBubbles,
			map[string]string{"internal/limit/a_test.go": source("limit", "time") + "func f() { time.Sleep(1) }\n"},
			[]string{"internal/limit/a_test.go:7:", "synctest.Test"},
		},
		{
			"a test that sleeps in a bubble of the file beside it", testsSleepInBubbles,
			map[string]string{
				"internal/limit/a_test.go": source("limit", "time") + "func f() { time.Sleep(1) }\n",
				"internal/limit/b_test.go": source("limit", "testing/synctest"),
			},
			nil,
		},
		{
			"a file of 501 lines", filesFitInTheHead,
			map[string]string{"internal/gateway/a.go": long, "internal/gateway/a_test.go": long},
			[]string{"internal/gateway/a.go: 501 lines"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range tt.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			faults := tt.rule(readTree(t, tree))
			if tt.want == nil {
				if len(faults) > 0 {
					t.Fatalf("wanted no fault, got:\n%s", strings.Join(faults, "\n"))
				}
				return
			}
			if len(faults) != 1 {
				t.Fatalf("wanted one fault, got %d:\n%s", len(faults), strings.Join(faults, "\n"))
			}
			for _, part := range tt.want {
				if !strings.Contains(faults[0], part) {
					t.Errorf("the fault does not say %q:\n%s", part, faults[0])
				}
			}
		})
	}
}

// source returns a Go file: the package clause is its first line, the first
// import stands on line 4 and what is appended to a file without imports on line 6.
func source(pkg string, imports ...string) string {
	var b strings.Builder
	b.WriteString("package " + pkg + "\n\nimport (\n")
	for _, target := range imports {
		b.WriteString("\t_ \"" + target + "\"\n")
	}
	b.WriteString(")\n\n")
	return b.String()
}
