package inspect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"hienke/internal/errs"
)

// PDF is read by PDFium, which runs in a WebAssembly machine inside of this
// process: without files, without a network, with its own bounded memory and a
// time limit. What it does wrong it does to itself.
const (
	pdfMemory = 4096             // pages of 64 KiB: 256 MB
	pdfTime   = 45 * time.Second // for one file
	pdfWait   = 30 * time.Second // for the machine to be free
	pdfPages  = 300              // are read; more bring nothing new
)

// pdfReader is the machine. It is made with the first file: that takes a second
// or two and some memory, which a process without PDFs never spends.
type pdfReader struct {
	mu     sync.Mutex // one file at a time
	pool   pdfium.Pool
	closed bool
}

func (p *pdfReader) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.pool == nil {
		return nil
	}
	return p.pool.Close()
}

// machine returns the machine, made where there is none. The caller holds mu.
func (p *pdfReader) machine(ctx context.Context) (pdfium.Pool, error) {
	if p.closed {
		return nil, errs.New(errs.Unavailable, "file.reader_closed")
	}
	if p.pool != nil {
		return p.pool, nil
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context: context.WithoutCancel(ctx), MinIdle: 0, MaxIdle: 1, MaxTotal: 1,
		FSConfig:      wazero.NewFSConfig(), // mounts nothing
		RuntimeConfig: wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).WithMemoryLimitPages(pdfMemory).WithCloseOnContextDone(true),
		Stdout:        io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "file.reader_failed", err)
	}
	p.pool = pool
	return pool, nil
}

// read refuses what acts or is locked, and returns the text.
func (p *pdfReader) read(ctx context.Context, content []byte) (string, error) {
	if err := checkPDF(content); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pool, err := p.machine(ctx)
	if err != nil {
		return "", err
	}
	instance, err := pool.GetInstance(pdfWait)
	if err != nil {
		return "", errs.Wrap(errs.Unavailable, "file.reader_busy", err)
	}
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil { // a machine that ran out of memory
				done <- result{err: errs.Wrap(errs.Invalid, CodeDamaged, fmt.Errorf("%v", v))}
			}
		}()
		text, err := pdfText(instance, content)
		done <- result{text, err}
	}()
	timer := time.NewTimer(pdfTime)
	defer timer.Stop()
	select {
	case r := <-done:
		_ = instance.Close() // the next file gets a fresh one
		return r.text, r.err
	case <-ctx.Done():
		p.restart(instance)
		return "", ctx.Err()
	case <-timer.C:
		p.restart(instance)
		return "", refuse(CodeDamaged)
	}
}

// restart throws a machine away that does not come to an end.
func (p *pdfReader) restart(instance pdfium.Pdfium) {
	_ = instance.Kill()
	_ = p.pool.Close()
	p.pool = nil
}

// pdfText opens a file in the machine and reads its pages.
func pdfText(instance pdfium.Pdfium, content []byte) (string, error) {
	opened, err := instance.OpenDocument(&requests.OpenDocument{File: &content})
	if err != nil {
		if strings.Contains(strings.ToLower(err.Error()), "password") || strings.Contains(strings.ToLower(err.Error()), "security") {
			return "", refuse(CodeEncrypted)
		}
		return "", errs.Wrap(errs.Invalid, CodeDamaged, err)
	}
	doc := opened.Document
	defer func() { _, _ = instance.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc}) }()
	if js, err := instance.FPDFDoc_GetJavaScriptActionCount(&requests.FPDFDoc_GetJavaScriptActionCount{Document: doc}); err == nil && js.JavaScriptActionCount > 0 {
		return "", refuse(CodeActive)
	}
	if a, err := instance.FPDFDoc_GetAttachmentCount(&requests.FPDFDoc_GetAttachmentCount{Document: doc}); err == nil && a.AttachmentCount > 0 {
		return "", refuse(CodeActive)
	}
	pages, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc})
	if err != nil {
		return "", errs.Wrap(errs.Invalid, CodeDamaged, err)
	}
	var out strings.Builder
	for i := range min(pages.PageCount, pdfPages) {
		page, err := instance.GetPageText(&requests.GetPageText{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: i}}})
		if err != nil {
			continue // a page that cannot be read keeps no other from being read
		}
		out.WriteString(strings.ReplaceAll(page.Text, "\r\n", "\n") + "\n")
		if out.Len() > 4*MaxText {
			break
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// pdfTail is how much may follow the end of a PDF, in bytes: line ends, and
// what mail programs add.
const pdfTail = 1024

// checkPDF refuses what does not begin and end as a PDF does, what is locked,
// and what acts when it is opened.
func checkPDF(content []byte) error {
	if !bytes.HasPrefix(content, []byte("%PDF-")) {
		return refuse(CodeDamaged)
	}
	if at := bytes.LastIndex(content, []byte("%%EOF")); at < 0 || len(content)-at > pdfTail {
		return refuse(CodeDamaged)
	}
	s := pdfScan{left: maxXML}
	s.names(content)
	return s.verdict()
}
