package architecture

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// rule returns one sentence for each place where the files break it: what is
// wrong, where, and what to do.
type rule func(files []goFile) []string

// maxLines keeps a file small enough to hold in the head; the median is far
// below. Tests are free of it: a table of cases is long and still simple.
const maxLines = 500

// everyRoomIsInTheTable finds folders that the table of arrows does not know.
func everyRoomIsInTheTable(files []goFile) []string {
	unknown := map[string]string{}
	for _, f := range files {
		if _, known := mayImport(f.room); !known {
			unknown[f.dir()] = f.room
		}
	}
	var faults []string
	for _, dir := range slices.Sorted(maps.Keys(unknown)) {
		if room := unknown[dir]; room != "" {
			faults = append(faults, fmt.Sprintf("%s: room %q is not in the table of arrows. Add a row with the rooms that it may import to "+
				"arrows in internal/architecture/table_test.go and to ARCHITECTURE.md, or make it a file of a room that is there", dir, room))
			continue
		}
		faults = append(faults, fmt.Sprintf("%s: Go code lives in cmd/adit, internal/ROOM, emulator or docs. Move it to the room that knows its noun", dir))
	}
	return faults
}

// importsFollowTheArrows holds the table. Tests may import what they like: they
// start whole programs and stand the emulator beside them.
func importsFollowTheArrows(files []goFile) []string {
	var faults []string
	for _, f := range files {
		allowed, known := mayImport(f.room)
		if f.test || !known {
			continue
		}
		for _, imp := range f.imports {
			room, ours := roomOfImport(imp.path)
			if !ours || room == f.room || slices.Contains(allowed, room) {
				continue
			}
			faults = append(faults, fmt.Sprintf("%s:%d: imports %s, but %s. Declare the small interface that is needed in %s and let app hand in the value; "+
				"if the arrow is right, add it to arrows in internal/architecture/table_test.go and to ARCHITECTURE.md",
				f.path, imp.line, imp.path, allowance(f.room, allowed), f.room))
		}
	}
	return faults
}

// clientsLookNoFurther keeps commands and pages from changing anything but by the
// control API: of that edge they see the client and the wire's types, as another
// program would.
func clientsLookNoFurther(files []goFile) []string {
	edge := module + "/internal/control"
	var faults []string
	for _, f := range files {
		if f.test || !slices.Contains(clients(), f.room) {
			continue
		}
		for _, imp := range f.imports {
			behind := imp.path == edge || strings.HasPrefix(imp.path, edge+"/")
			if behind && imp.path != edge+"/client" && imp.path != edge+"/wire" {
				faults = append(faults, fmt.Sprintf("%s:%d: imports %s, but %s changes things only as a client of the control API. "+
					"Use internal/control/client; what it lacks belongs there", f.path, imp.line, imp.path, f.room))
			}
		}
	}
	return faults
}

func allowance(room string, allowed []string) string {
	if len(allowed) == 0 {
		return room + " may import no other room"
	}
	return room + " may import only " + strings.Join(allowed, ", ")
}

// wordsImportOnlyTheStandardLibrary keeps the words free of everyone's choices
// of library: the first element of an import path outside it has a dot.
func wordsImportOnlyTheStandardLibrary(files []goFile) []string {
	var faults []string
	for _, f := range files {
		if f.test || !slices.Contains(words(), f.room) {
			continue
		}
		for _, imp := range f.imports {
			first, _, _ := strings.Cut(imp.path, "/")
			if _, ours := roomOfImport(imp.path); ours || !strings.Contains(first, ".") {
				continue // ours is the arrows' business
			}
			faults = append(faults, fmt.Sprintf("%s:%d: imports %s, but the words (%s) use only the standard library. Move what needs the library to a room that is no word",
				f.path, imp.line, imp.path, strings.Join(words(), ", ")))
		}
	}
	return faults
}

// onlyTheSignerMakesRSAKeys keeps the private halves of keys that AWS trusts in
// one room. The emulator reads public ones, and tests may do as they like.
func onlyTheSignerMakesRSAKeys(files []goFile) []string {
	var faults []string
	for _, f := range files {
		for _, imp := range f.imports {
			if imp.path == "crypto/rsa" && !f.test && f.room != "signing" && f.room != "emulator" {
				faults = append(faults, fmt.Sprintf("%s:%d: imports crypto/rsa, which only signing may: ask a signer instead", f.path, imp.line))
			}
		}
	}
	return faults
}

// everyPackageSaysWhatItKnows wants a doc.go with the package comment in every
// folder of a room, and the comment nowhere else. cmd/adit is exempt: its
// comment stands in main.go, where who opens it looks.
func everyPackageSaysWhatItKnows(files []goFile) []string {
	documented := map[string]bool{}
	var faults []string
	for _, f := range files {
		documented[f.dir()] = documented[f.dir()] || (path.Base(f.path) == "doc.go" && f.comment)
	}
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if !documented[dir] && roomOf(dir+"/x.go") != "cmd/adit" {
			faults = append(faults, fmt.Sprintf("%s: no doc.go with a package comment. Write one: the first sentence says what the room knows, the second paragraph what it does not", dir))
		}
	}
	for _, f := range files {
		if f.comment && !f.test && documented[f.dir()] && path.Base(f.path) != "doc.go" {
			faults = append(faults, fmt.Sprintf("%s: a second package comment. Keep one, in doc.go; put an empty line between this comment and the package clause", f.path))
		}
	}
	return faults
}

// namesSayWhatIsInside refuses the names that fit any code.
func namesSayWhatIsInside(files []goFile) []string {
	empty := []string{"common", "helper", "helpers", "manager", "managers", "misc", "models", "shared", "types", "util", "utils"}
	named := map[string]string{}
	for _, f := range files {
		for _, name := range []string{f.pkg, path.Base(f.dir())} {
			if slices.Contains(empty, name) {
				named[f.dir()] = name
			}
		}
	}
	var faults []string
	for _, dir := range slices.Sorted(maps.Keys(named)) {
		faults = append(faults, fmt.Sprintf("%s: %q says nothing of what is inside. Name the package by its noun, or move each piece to the room that uses it", dir, named[dir]))
	}
	return faults
}

// nothingRunsOnImport refuses init functions: the program is a value, and what
// it does begins in app.New.
func nothingRunsOnImport(files []goFile) []string {
	var faults []string
	for _, f := range files {
		for _, line := range f.inits {
			if !f.test {
				faults = append(faults, fmt.Sprintf("%s:%d: an init function runs before anybody asked. Do it in the constructor that needs it, and return its error", f.path, line))
			}
		}
	}
	return faults
}

// testingStaysInTests keeps test code out of the binary. Only the emulator may
// import testing: other programs' tests call it.
func testingStaysInTests(files []goFile) []string {
	var faults []string
	for _, f := range files {
		for _, imp := range f.imports {
			isTesting := imp.path == "testing" || strings.HasPrefix(imp.path, "testing/")
			if isTesting && !f.test && f.room != "emulator" {
				faults = append(faults, fmt.Sprintf("%s:%d: imports %s outside of a test. Move it to a file whose name ends in _test.go", f.path, imp.line, imp.path))
			}
		}
	}
	return faults
}

// testsSleepInBubbles refuses time.Sleep in the tests of a package that never
// imports testing/synctest: outside of virtual time it is slow where it works
// and fails where the machine is busy. The linter holds the same for other code.
func testsSleepInBubbles(files []goFile) []string {
	bubbles := map[string]bool{}
	for _, f := range files {
		if slices.ContainsFunc(f.imports, func(imp imported) bool { return imp.path == "testing/synctest" }) {
			bubbles[f.dir()] = true
		}
	}
	var faults []string
	for _, f := range files {
		for _, line := range f.sleeps {
			if f.test && !bubbles[f.dir()] {
				faults = append(faults, fmt.Sprintf("%s:%d: sleeps in real time. Run the test in synctest.Test, or wait on a channel for what must happen", f.path, line))
			}
		}
	}
	return faults
}

// filesFitInTheHead holds maxLines.
func filesFitInTheHead(files []goFile) []string {
	var faults []string
	for _, f := range files {
		if !f.test && f.lines > maxLines {
			faults = append(faults, fmt.Sprintf("%s: %d lines, more than %d. Split it along its ideas, one file each", f.path, f.lines, maxLines))
		}
	}
	return faults
}
