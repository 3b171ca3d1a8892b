// SPDX-License-Identifier: MIT
// Small lists that admins keep: words that are not wanted, categories, sticker packs.
import type { components } from 'maru-client';
import { t } from '../i18n';
import { rest } from '../maru';
import { Select } from '../ui/choose';
import { ask, confirmed, FormDialog } from '../ui/dialog';
import { Alert, Area, Field, Form, valueOf } from '../ui/form';
import { Icon } from '../ui/icon';
import { PagesEnd, Trouble, useAttempt, usePages } from '../ui/pages';

type Word = components['schemas']['Word'];
type Category = components['schemas']['Category'];
type Pack = components['schemas']['Pack'];

const Delete = ({ name, act }: { name: string; act: () => void }) => <button type="button" class="square" aria-label={t('deleteOf', { name })} onClick={act}><Icon name="trash" /></button>;

export function Words() {
  const pages = usePages<Word>(async (cursor) => {
    const { words, next } = await rest.get('/v1/words', { ...cursor && { cursor } });
    return { items: words, next };
  });
  const [problem, attempt] = useAttempt();
  const add = async (form: HTMLFormElement) => {
    await rest.post('/v1/words', {}, { word: valueOf(form, 'word').trim(), action: valueOf(form, 'action') as Word['action'] });
    form.reset();
    pages.reload();
  };
  const remove = (word: number) => attempt(async () => {
    await rest.delete('/v1/words/{word}', { word });
    pages.set((items) => items.filter(({ id }) => id !== word));
  });
  return (
    <>
      <Form class="inline" submit={add}>
        <Field name="word" label={t('word')} maxLength={100} required />
        <Select name="action" label={t('wordAction')} value="refuse" options={[{ value: 'refuse', label: t('wordRefuse') }, { value: 'mask', label: t('wordMask') }]} />
        <button class="primary">{t('add')}</button>
        <Alert />
      </Form>
      <Trouble text={problem} />
      <ul class="rows" id="words">{pages.items.map(({ id, word, action }) => (
        <li key={id} class="row-item"><span class="text"><span class="title" dir="auto">{word}</span><span class="about">{t(action === 'mask' ? 'wordMask' : 'wordRefuse')}</span></span><Delete name={word} act={() => void remove(id)} /></li>
      ))}</ul>
      <PagesEnd pages={pages} empty={t('noWords')} />
    </>
  );
}

export function Categories() {
  const pages = usePages<Category>(async () => ({ items: (await rest.get('/v1/categories', {})).categories, next: null }));
  const [problem, attempt] = useAttempt();
  const add = async (form: HTMLFormElement) => {
    await rest.post('/v1/categories', {}, { name: valueOf(form, 'name').trim(), place: pages.items.length + 1 });
    form.reset();
    pages.reload();
  };
  const rename = (one: Category) => attempt(async () => {
    await ask((close) => (
      <FormDialog id="category" heading={one.name} yes={t('save')} close={close} submit={async (form) => {
        await rest.patch('/v1/categories/{category}', { category: one.id }, { name: valueOf(form, 'name').trim(), place: Number(valueOf(form, 'place')) });
        close(null);
        pages.reload();
      }}>
        <Field name="name" label={t('categoryName')} defaultValue={one.name} maxLength={30} required />
        <Field name="place" label={t('place')} type="number" min={0} max={1000000} defaultValue={String(one.place)} />
      </FormDialog>
    ));
  });
  const remove = (one: Category) => attempt(async () => {
    if (!await confirmed(t('deleteCategoryAsk', { name: one.name }), t('deleteIt'))) return;
    await rest.delete('/v1/categories/{category}', { category: one.id });
    pages.reload();
  });
  return (
    <>
      <Form class="inline" submit={add}><Field name="name" label={t('categoryName')} maxLength={30} required /><button class="primary">{t('add')}</button><Alert /></Form>
      <Trouble text={problem} />
      <ul class="rows" id="categories">{pages.items.map((one) => (
        <li key={one.id} class="row-item"><span class="text"><span class="title" dir="auto">{one.name}</span><span class="about">{t('roomCount', { n: one.rooms })}</span></span>
          <button type="button" class="square" aria-label={t('changeOf', { name: one.name })} onClick={() => void rename(one)}><Icon name="pencil" /></button><Delete name={one.name} act={() => void remove(one)} /></li>
      ))}</ul>
      <PagesEnd pages={pages} empty={t('noCategories')} />
    </>
  );
}

// A sticker on each line: its name, its emoji, the path of its picture.
const textOf = (pack: Pack | null): string => (pack?.stickers ?? []).map(({ name, emoji, image }) => [name, emoji, image].filter(Boolean).join(' | ')).join('\n');
const stickersOf = (text: string): Pack['stickers'] => text.split('\n').map((line) => line.split('|').map((part) => part.trim())).filter(([name]) => name)
  .map(([name = '', emoji = '', image]) => ({ name, emoji, ...image && { image } }));

export function Packs() {
  const pages = usePages<Pack>(async () => ({ items: (await rest.get('/v1/sticker-packs', {})).packs, next: null }));
  const [problem, attempt] = useAttempt();
  const edit = (pack: Pack | null) => attempt(async () => {
    await ask((close) => (
      <FormDialog id="pack" heading={pack?.title ?? t('newPack')} yes={t('save')} close={close} submit={async (form) => {
        const body = { title: valueOf(form, 'title').trim(), stickers: stickersOf(valueOf(form, 'stickers')) };
        if (pack) await rest.patch('/v1/sticker-packs/{pack}', { pack: pack.id }, body);
        else await rest.post('/v1/sticker-packs', {}, body);
        close(null);
        pages.reload();
      }}>
        <Field name="title" label={t('title')} defaultValue={pack?.title} maxLength={50} required />
        <Area name="stickers" label={t('stickers')} hint={t('stickersHint')} value={textOf(pack)} rows={8} />
      </FormDialog>
    ));
  });
  const remove = (pack: Pack) => attempt(async () => {
    if (!await confirmed(t('deletePackAsk', { name: pack.title }), t('deleteIt'))) return;
    await rest.delete('/v1/sticker-packs/{pack}', { pack: pack.id });
    pages.reload();
  });
  return (
    <>
      <button type="button" class="primary" onClick={() => void edit(null)}><Icon name="plus" />{t('newPack')}</button>
      <Trouble text={problem} />
      <ul class="rows" id="packs">{pages.items.map((pack) => (
        <li key={pack.id} class="row-item"><span class="text"><span class="title" dir="auto">{pack.title}</span><span class="about">{pack.stickers.map(({ emoji }) => emoji).join(' ')}</span></span>
          <button type="button" class="square" aria-label={t('changeOf', { name: pack.title })} onClick={() => void edit(pack)}><Icon name="pencil" /></button><Delete name={pack.title} act={() => void remove(pack)} /></li>
      ))}</ul>
      <PagesEnd pages={pages} empty={t('noPacks')} />
    </>
  );
}
