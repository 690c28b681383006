(script_element (start_tag) @tag (raw_text) @script)
