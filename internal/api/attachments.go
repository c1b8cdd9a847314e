package api

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// fieldFiles is the field of the multipart form that holds files.
const fieldFiles = "files"

// UploadRoutes are the patterns of the routes whose bodies hold files.
func UploadRoutes() []string { return []string{Base + "/submissions/:code/attachments"} }

// DownloadRoutes are the patterns of the routes that send files.
func DownloadRoutes() []string {
	return []string{Base + "/submissions/:code/attachments/:ref", Base + "/staff/submissions/:code/attachments/:ref"}
}

// addAttachments takes the files of a form one after the other. When some do
// not fit the answer names each of them; the others are kept, and sent again
// they are recognised.
func (a *API) addAttachments(c echo.Context) error {
	actor, code, err := a.senderOf(c)
	if err != nil {
		return err
	}
	owner := attachments.OfSender(actor, code)
	var taken []civic.Attachment
	var wrong []errs.Field
	_, err = httpx.ReadFiles(c, fieldFiles, func(name string, content io.Reader) error {
		file, err := a.Attachments.Put(c.Request().Context(), owner, name, content)
		if err == nil && file.State == civic.FileRefused {
			err = errs.New(errs.Invalid, file.Reason)
		}
		switch {
		case err == nil:
			taken = append(taken, file)
		case errs.KindOf(err) == errs.Invalid:
			wrong = append(wrong, errs.Field{Name: fmt.Sprintf("%s.%d", fieldFiles, len(taken)+len(wrong)), Code: errs.CodeOf(err)})
		default:
			return err
		}
		return nil
	})
	if err == nil && len(taken)+len(wrong) == 0 {
		wrong = append(wrong, errs.Field{Name: fieldFiles, Code: "file.none_chosen"})
	}
	if err == nil {
		err = errs.InvalidFields(wrong...)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, Attachments{Attachments: attached(taken, submissionPath(code))})
}

// getAttachment gives a file to the holder of the tracking token, and to
// everybody when it is public.
func (a *API) getAttachment(c echo.Context) error {
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAuthorization)
	token, err := httpx.BearerToken(c)
	if err != nil {
		return err
	}
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if token == "" {
		return sendFile(c)(a.Attachments.OpenPublic(ctx, code, c.Param("ref")))
	}
	actor, err := a.Intake.Sender(ctx, code, token)
	if err != nil {
		return err
	}
	return sendFile(c)(a.Attachments.OpenOwn(ctx, attachments.OfSender(actor, code), c.Param("ref")))
}

// getCaseAttachment gives a file to staff who may see its case.
func (a *API) getCaseAttachment(c echo.Context) error {
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	return sendFile(c)(a.Attachments.OpenForStaff(c.Request().Context(), httpx.ActorFrom(c), code, c.Param("ref")))
}

// sendFile sends what was opened, or fails as opening it did.
func sendFile(c echo.Context) func(*attachments.Content, error) error {
	return func(f *attachments.Content, err error) error {
		if err != nil {
			return err
		}
		return httpx.SendFile(c, httpx.File{Name: f.Name, Type: f.Type, Tag: f.Ref, Content: f.Reader(c.Request().Context())})
	}
}

func submissionPath(code civic.Code) string { return Base + "/submissions/" + code.String() }

// attached shapes files; at is the address of what they belong to.
func attached(files []civic.Attachment, at string) []Attachment {
	out := make([]Attachment, len(files))
	for i, f := range files {
		out[i] = Attachment{
			Ref: f.Ref, Name: f.Name, Type: f.Type, Size: f.Size, State: string(f.State), Reason: maybe(f.Reason), Public: f.Public,
			ReceivedAt: f.CreatedAt.UTC(),
		}
		if f.State == civic.FileClean {
			out[i].URL = maybe(at + "/attachments/" + f.Ref)
		}
	}
	return out
}

// ownAttachments are the files of a submission for whoever sent it.
func (a *API) ownAttachments(ctx context.Context, actor civic.Actor, code civic.Code) ([]Attachment, error) {
	files, err := a.Attachments.List(ctx, attachments.OfSender(actor, code))
	return attached(files, submissionPath(code)), err
}

// caseAttachments are the files of a case for staff. A case that has just left
// the person's scope shows none.
func (a *API) caseAttachments(ctx context.Context, actor civic.Actor, code civic.Code) ([]Attachment, error) {
	files, err := a.Attachments.OfCase(ctx, actor, code)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Forbidden) {
		return []Attachment{}, nil
	}
	return attached(files, Base+"/staff/submissions/"+code.String()), err
}
