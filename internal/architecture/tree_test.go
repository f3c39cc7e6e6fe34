package architecture

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"
)

// module is the path that imports of our own start with.
const module = "github.com/adit-hq/adit"

// goFile is what the rules need to know of one Go file.
type goFile struct {
	path    string // slash-separated, from the repository's root
	room    string // "gateway", "emulator", "cmd/adit"; "" outside every room
	pkg     string // the package clause's name, without _test
	test    bool   // the name ends in _test.go
	lines   int
	comment bool // the file carries the package comment
	imports []imported
	inits   []int // lines of init functions
	sleeps  []int // lines that name time.Sleep
}

type imported struct {
	path string
	line int
}

// dir is the folder of the file, from the repository's root.
func (f goFile) dir() string { return path.Dir(f.path) }

// readTree parses every Go file of the module below fsys. Folders that the go
// command passes over, and modules of their own such as tools, are left out.
func readTree(t *testing.T, fsys fs.FS) []goFile {
	t.Helper()
	var files []goFile
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && notOurs(fsys, name) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := readFile(fsys, name)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatalf("reading the tree: %v", err)
	}
	return files
}

func notOurs(fsys fs.FS, dir string) bool {
	base := path.Base(dir)
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}

func readFile(fsys fs.FS, name string) (goFile, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return goFile{}, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return goFile{}, err
	}
	f := goFile{
		path:    name,
		room:    roomOf(name),
		pkg:     strings.TrimSuffix(tree.Name.Name, "_test"),
		test:    strings.HasSuffix(name, "_test.go"),
		lines:   bytes.Count(src, []byte("\n")),
		comment: tree.Doc != nil,
	}
	for _, spec := range tree.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return goFile{}, err
		}
		f.imports = append(f.imports, imported{target, set.Position(spec.Pos()).Line})
	}
	for _, decl := range tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if ok && fn.Recv == nil && fn.Name.Name == "init" {
			f.inits = append(f.inits, set.Position(fn.Pos()).Line)
		}
	}
	ast.Inspect(tree, func(node ast.Node) bool {
		if name, ok := node.(*ast.SelectorExpr); ok && name.Sel.Name == "Sleep" {
			if pkg, ok := name.X.(*ast.Ident); ok && pkg.Name == "time" {
				f.sleeps = append(f.sleeps, set.Position(name.Pos()).Line)
			}
		}
		return true
	})
	return f, nil
}

// roomOf returns the room that a file or folder of the repository belongs to,
// and "" for one that belongs to none.
func roomOf(name string) string {
	parts := strings.Split(name, "/")
	switch {
	case parts[0] == "internal" && len(parts) > 2:
		return parts[1]
	case (parts[0] == "emulator" || parts[0] == "docs") && len(parts) > 1:
		return parts[0]
	case len(parts) > 2 && parts[0] == "cmd" && parts[1] == "adit":
		return "cmd/adit"
	}
	return ""
}

// roomOfImport returns the room that an import path names, and whether the
// import is of this module at all.
func roomOfImport(target string) (room string, ours bool) {
	rest, ours := strings.CutPrefix(target, module+"/")
	if !ours {
		return "", target == module
	}
	return roomOf(rest + "/x.go"), true
}
