(atx_heading) @heading
(setext_heading) @heading
